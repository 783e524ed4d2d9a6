#include "run/waiting.h"

#include <sys/ioctl.h>
#include <sys/stat.h>

#include "run/blocked.h"
#include "run/descendants.h"
#include "run/proc.h"

#define FIRST_PAUSE_US 2000
#define LONGEST_PAUSE_US 100000
// Threads per check, so that a program with thousands of them costs no more than one with a few hundred.
#define MOST_THREADS 256

static void check_soon(struct waiting *waiting, int64_t now)
{
  waiting->pause = FIRST_PAUSE_US;
  waiting->next_check = now + FIRST_PAUSE_US;
  waiting->after = 0;
}

void waiting_start(struct waiting *waiting, int input, int64_t now)
{
  struct stat pipe;
  if (fstat(input, &pipe) < 0)
    return;
  waiting->enabled = true;
  waiting->device = pipe.st_dev;
  waiting->inode = pipe.st_ino;
  check_soon(waiting, now);
}

void waiting_activity(struct waiting *waiting, int64_t now)
{
  check_soon(waiting, now);
}

void waiting_rearm(struct waiting *waiting, int64_t now)
{
  waiting->reported = false;
  check_soon(waiting, now);
}

void waiting_reported(struct waiting *waiting)
{
  waiting->reported = true;
}

bool waiting_is_armed(const struct waiting *waiting)
{
  return waiting->enabled && !waiting->reported;
}

bool waiting_is_due(const struct waiting *waiting, int64_t now)
{
  return waiting_is_armed(waiting) && now >= waiting->next_check;
}

struct check {
  struct waiting *waiting;
  // Where the last check has ended.
  pid_t after;
  int threads_left;
  bool has_found;
};

static bool check_process(pid_t pid, void *context)
{
  struct check *check = context;
  struct pipe_identity pipe = {check->waiting->device, check->waiting->inode};
  check->has_found = blocked_on_pipe(pid, &pipe, &check->threads_left);
  check->waiting->after = pid;
  return !check->has_found && check->threads_left > 0;
}

static bool check_any(pid_t pid, void *context)
{
  const struct check *check = context;
  // Not the agent itself.
  return pid == 1 || pid <= check->after || check_process(pid, context);
}

bool waiting_check(struct waiting *waiting, int input, pid_t program, bool is_init, int64_t now)
{
  waiting->next_check = now + waiting->pause;
  waiting->pause = waiting->pause * 2 < LONGEST_PAUSE_US ? waiting->pause * 2 : LONGEST_PAUSE_US;
  int unread = 0;
  if (ioctl(input, FIONREAD, &unread) < 0 || unread > 0)
    return false;
  struct check check = {waiting, waiting->after, MOST_THREADS, false};
  // Most programs read for themselves: then no list of processes is needed.
  bool goes_on = check_process(program, &check);
  waiting->after = check.after;
  if (!goes_on)
    return check.has_found;
  // As PID 1 everything in the namespace is the run's.
  if (is_init)
    proc_visit(check_any, &check);
  else
    descendants_visit(check.after, check_process, &check);
  // Got to the end: start over.
  if (!check.has_found && check.threads_left > 0)
    waiting->after = 0;
  return check.has_found;
}
