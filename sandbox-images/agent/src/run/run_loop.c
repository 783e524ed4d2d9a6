#include "run/run_loop.h"

#include "core/agent.h"
#include "core/clock.h"
#include "run/run_end.h"
#include "run/run_input.h"
#include "run/run_output.h"
#include "run/run_report.h"

static void report_waiting(struct agent *agent, int64_t now)
{
  struct run *run = &agent->run;
  if (!waiting_is_due(&run->waiting, now) || run->input < 0 || run->input_ended || run->queue.length > 0)
    return;
  if (!waiting_check(&run->waiting, run->input, run->pid, agent->is_init, now) || !output_has_room(&agent->output))
    return;
  uint8_t event = EVENT_WAITING_FOR_INPUT;
  output_frame(&agent->output, FRAME_EVENT, run->channel->number, 0, &event, 1);
  waiting_reported(&run->waiting);
}

static void keep_cpu_limit(struct agent *agent, int64_t now)
{
  struct run *run = &agent->run;
  if (!cpu_limit_is_due(&run->cpu_limit, now))
    return;
  struct cgroup_counters counters = cgroup_read(&agent->cgroup);
  if (cpu_limit_check(&run->cpu_limit, run_cpu_us(run, &counters), now))
    run_kill(agent, REASON_CPU_LIMIT);
}

static void keep_memory_limit(struct agent *agent, int64_t now)
{
  struct memory_limit *limit = &agent->run.memory_limit;
  if (memory_limit_is_due(limit, now) && memory_limit_check(limit, cgroup_memory(&agent->cgroup), now))
    run_kill(agent, REASON_MEMORY_LIMIT);
}

void run_step(struct agent *agent, const struct pollfd polls[RUN_POLLS])
{
  struct run *run = &agent->run;
  if (run->phase == RUN_NONE)
    return;
  int64_t now = clock_us();
  if (run->phase != RUN_DRAINING) {
    if (polls[0].revents & POLLERR)
      run_input_drop(agent);
    run_input_feed(agent);
    run_output_read(agent, 0, polls[1].revents);
    run_output_read(agent, 1, polls[2].revents);
  }
  if (run->phase == RUN_ALIVE && run->wall_deadline != 0 && now >= run->wall_deadline)
    run_kill(agent, REASON_WALL_LIMIT);
  if (run->phase == RUN_ALIVE)
    keep_cpu_limit(agent, now);
  if (run->phase == RUN_ALIVE)
    keep_memory_limit(agent, now);
  if (run->phase == RUN_KILLING && now >= run->next_kill)
    run_kill_again(agent, now);
  if (run->phase == RUN_ALIVE)
    report_waiting(agent, now);
  if (run->phase == RUN_DRAINING)
    run_finish(agent);
}

void run_watch(const struct agent *agent, struct pollfd polls[RUN_POLLS])
{
  const struct run *run = &agent->run;
  for (size_t i = 0; i < RUN_POLLS; i++)
    polls[i] = (struct pollfd){.fd = -1};
  if (run->phase != RUN_ALIVE && run->phase != RUN_KILLING)
    return;
  // Without events it still tells that the last reader is gone.
  polls[0] = (struct pollfd){.fd = run->input, .events = run->queue.length > 0 ? POLLOUT : 0};
  for (size_t i = 0; i < 2; i++) {
    if (run_output_readable(agent, i) > 0)
      polls[1 + i] = (struct pollfd){.fd = run->outputs[i].fd, .events = POLLIN};
  }
}

static int64_t sooner(int64_t timeout, int64_t at, int64_t now)
{
  int64_t left = at > now ? at - now : 0;
  return timeout < 0 || left < timeout ? left : timeout;
}

int64_t run_timeout(const struct run *run, int64_t now)
{
  int64_t timeout = -1;
  if (run->phase == RUN_KILLING)
    return sooner(timeout, run->next_kill, now);
  if (run->phase != RUN_ALIVE)
    return timeout;
  if (run->wall_deadline != 0)
    timeout = sooner(timeout, run->wall_deadline, now);
  if (run->cpu_limit.us != 0)
    timeout = sooner(timeout, run->cpu_limit.next_check, now);
  if (run->memory_limit.bytes != 0)
    timeout = sooner(timeout, run->memory_limit.next_check, now);
  if (waiting_is_armed(&run->waiting) && run->input >= 0 && !run->input_ended && run->queue.length == 0)
    timeout = sooner(timeout, run->waiting.next_check, now);
  return timeout;
}
