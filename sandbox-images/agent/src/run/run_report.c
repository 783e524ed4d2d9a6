#include "run/run_report.h"

#include <sys/wait.h>

#include "core/agent.h"
#include "run/leaving.h"
#include "run/run.h"
#include "run/run_request.h"

static uint64_t larger(uint64_t a, uint64_t b)
{
  return a > b ? a : b;
}

// A counter that a fixture or a hierarchy moved under us may have gone backwards.
static uint64_t difference(uint64_t after, uint64_t before)
{
  return after > before ? after - before : 0;
}

uint64_t run_cpu_us(const struct run *run, const struct cgroup_counters *counters)
{
  return larger(run->tally.cpu_us, difference(counters->cpu_us, run->counters.cpu_us));
}

void run_report(struct agent *agent)
{
  struct run *run = agent->run;
  // Only now: the kernel counts an OOM kill before the process is gone, and all of them have been reaped.
  struct cgroup_counters counters = cgroup_read(&agent->run->cgroup);
  uint8_t fields[128 + LEFT_BYTES];
  uint8_t *at = fields;
  if (WIFEXITED(run->status))
    at = field_put32(at, 1, (uint32_t)WEXITSTATUS(run->status));
  else
    at = field_put32(at, 2, (uint32_t)WTERMSIG(run->status));
  at = field_put64(at, 3, (uint64_t)(run->ended - run->started));
  at = field_put64(at, 4, run_cpu_us(run, &counters));
  at = field_put64(at, 5, run->tally.peak_memory_bytes);
  at = field_put8(at, 6, (uint8_t)run->reason);
  at = field_put32(at, 7, (uint32_t)difference(counters.oom_kills, run->counters.oom_kills));
  at = field_put64(at, 8, run->outputs[0].written);
  at = field_put64(at, 9, run->outputs[1].written);
  if (run->request->flags & RUN_FLAG_LEAVE && run->reason == REASON_EXIT) {
    uint8_t *end = run_leave(agent, at + FIELD_HEADER_BYTES);
    if (end > at + FIELD_HEADER_BYTES)
      at = field_close(at, 10, end);
  }
  channel_result(agent, run->channel, fields, at);
}
