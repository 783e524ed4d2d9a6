#include "run/cpu_limit.h"

#include <unistd.h>

// The kernel's own counters are no finer than its ticks.
#define SHORTEST_PAUSE_US 5000

static void schedule(struct cpu_limit *limit, uint64_t left_us, int64_t now)
{
  long processors = sysconf(_SC_NPROCESSORS_ONLN);
  int64_t pause = (int64_t)(left_us / (uint64_t)(processors > 0 ? processors : 1));
  limit->next_check = now + (pause > SHORTEST_PAUSE_US ? pause : SHORTEST_PAUSE_US);
}

void cpu_limit_start(struct cpu_limit *limit, uint32_t ms, int64_t now)
{
  limit->us = (uint64_t)ms * 1000;
  if (limit->us != 0)
    schedule(limit, limit->us, now);
}

bool cpu_limit_is_due(const struct cpu_limit *limit, int64_t now)
{
  return limit->us != 0 && now >= limit->next_check;
}

bool cpu_limit_check(struct cpu_limit *limit, uint64_t used_us, int64_t now)
{
  if (used_us >= limit->us)
    return true;
  schedule(limit, limit->us - used_us, now);
  return false;
}
