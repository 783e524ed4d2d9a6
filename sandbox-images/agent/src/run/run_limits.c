#include "run/run_limits.h"

#include <stdbool.h>
#include <unistd.h>

#include "run/run.h"
#include "run/run_report.h"
#include "run/run_request.h"

// The kernel's own counters are no finer than its ticks.
#define SHORTEST_CPU_PAUSE_US 5000
// What a program can take in between is bounded by the container's own limit.
#define MEMORY_PAUSE_US 10000

// All processors together cannot use up the rest any sooner.
static int64_t cpu_pause(uint64_t left_us)
{
  long processors = sysconf(_SC_NPROCESSORS_ONLN);
  int64_t pause = (int64_t)(left_us / (uint64_t)(processors > 0 ? processors : 1));
  return pause > SHORTEST_CPU_PAUSE_US ? pause : SHORTEST_CPU_PAUSE_US;
}

void run_limits_start(struct run *run, const struct run_request *request)
{
  int64_t now = run->started;
  uint64_t wall_us = (uint64_t)request->wall_ms * 1000;
  uint64_t cpu_us = (uint64_t)request->cpu_ms * 1000;
  run->limits = (struct run_limits){
    .wall_us = {wall_us, now + (int64_t)wall_us},
    .cpu_us = {cpu_us, now + cpu_pause(cpu_us)},
    .memory_bytes = {request->memory_limit, now + MEMORY_PAUSE_US},
  };
}

static int64_t sooner(int64_t next, const struct limit *limit)
{
  bool is_sooner = limit->most != 0 && (next < 0 || limit->next_check < next);
  return is_sooner ? limit->next_check : next;
}

int64_t run_limits_next_check(const struct run *run)
{
  return sooner(sooner(sooner(-1, &run->limits.wall_us), &run->limits.cpu_us), &run->limits.memory_bytes);
}

static bool is_due(const struct limit *limit, int64_t now)
{
  return limit->most != 0 && now >= limit->next_check;
}

static bool has_passed_cpu(struct run *run, int64_t now)
{
  struct limit *limit = &run->limits.cpu_us;
  if (!is_due(limit, now))
    return false;
  struct cgroup_counters counters = cgroup_read(&run->cgroup);
  uint64_t used = run_cpu_us(run, &counters);
  if (used >= limit->most)
    return true;
  limit->next_check = now + cpu_pause(limit->most - used);
  return false;
}

static bool has_passed_memory(struct run *run, int64_t now)
{
  struct limit *limit = &run->limits.memory_bytes;
  if (!is_due(limit, now))
    return false;
  limit->next_check = now + MEMORY_PAUSE_US;
  return cgroup_memory(&run->cgroup) > limit->most;
}

enum run_reason run_limits_check(struct run *run, int64_t now)
{
  if (is_due(&run->limits.wall_us, now))
    return REASON_WALL_LIMIT;
  if (has_passed_cpu(run, now))
    return REASON_CPU_LIMIT;
  return has_passed_memory(run, now) ? REASON_MEMORY_LIMIT : REASON_EXIT;
}
