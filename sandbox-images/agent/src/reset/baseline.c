#include "reset/baseline.h"

#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define IOPRIO_WHO_PROCESS 1

void baseline_take(struct baseline *baseline)
{
  // Compared as bytes later on.
  memset(baseline, 0, sizeof *baseline);
  for (int i = 0; i < LIMITS; i++)
    getrlimit(i, &baseline->limits[i]);
  syscall(SYS_sched_getattr, 0, baseline->scheduling, SCHEDULING_BYTES, 0);
  syscall(SYS_sched_getaffinity, 0, sizeof baseline->affinity, baseline->affinity);
  baseline->io_priority = syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, 0);
}

static bool same_limit(const struct rlimit *a, const struct rlimit *b)
{
  return a->rlim_cur == b->rlim_cur && a->rlim_max == b->rlim_max;
}

// The comparison shows whether it helped: a hard limit or a nice value, for one, only goes one way.
static void put_back(const struct baseline *wanted, const struct baseline *found)
{
  for (int i = 0; i < LIMITS; i++) {
    if (!same_limit(&wanted->limits[i], &found->limits[i]))
      setrlimit(i, &wanted->limits[i]);
  }
  if (memcmp(wanted->scheduling, found->scheduling, SCHEDULING_BYTES) != 0)
    syscall(SYS_sched_setattr, 0, wanted->scheduling, 0);
  if (memcmp(wanted->affinity, found->affinity, sizeof wanted->affinity) != 0)
    syscall(SYS_sched_setaffinity, 0, sizeof wanted->affinity, wanted->affinity);
  if (wanted->io_priority != found->io_priority)
    syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, wanted->io_priority);
}

bool baseline_restore(const struct baseline *baseline)
{
  struct baseline found;
  baseline_take(&found);
  if (memcmp(&found, baseline, sizeof found) == 0)
    return true;
  put_back(baseline, &found);
  baseline_take(&found);
  return memcmp(&found, baseline, sizeof found) == 0;
}
