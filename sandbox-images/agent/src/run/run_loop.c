#include "run/run_loop.h"

#include "core/agent.h"
#include "run/run.h"
#include "core/clock.h"
#include "run/run_end.h"
#include "run/run_input.h"
#include "run/run_output.h"
#include "run/run_limits.h"

static void report_waiting(struct agent *agent, int64_t now)
{
  struct run *run = agent->run;
  if (!waiting_is_due(&run->waiting, now) || run->input < 0 || run->input_ended || run->queue.length > 0)
    return;
  if (!waiting_check(&run->waiting, run->input, run->pid, agent->is_init, now) || !output_has_room(&agent->output))
    return;
  channel_event(agent, run->channel, EVENT_WAITING_FOR_INPUT);
  waiting_reported(&run->waiting);
}

static void check_limits(struct agent *agent, int64_t now)
{
  enum run_reason reason = run_limits_check(agent->run, now);
  if (reason != REASON_EXIT)
    run_kill(agent, reason);
}

static void read_outputs(struct agent *agent, const struct pollfd polls[2])
{
  for (size_t i = 0; i < 2; i++) {
    if (run_output_read(agent, i, polls[i].revents))
      run_kill(agent, REASON_OUTPUT_LIMIT);
  }
}

void run_step(struct agent *agent, const struct pollfd polls[RUN_POLLS])
{
  struct run *run = agent->run;
  if (run->phase == RUN_NONE)
    return;
  int64_t now = clock_us();
  if (run->phase != RUN_DRAINING) {
    if (polls[0].revents & POLLERR)
      run_input_drop(agent);
    run_input_feed(agent);
    read_outputs(agent, polls + 1);
  }
  if (run->phase == RUN_ALIVE)
    check_limits(agent, now);
  if (run->phase == RUN_KILLING && now >= run->next_kill)
    run_kill_again(agent, now);
  if (run->phase == RUN_ALIVE)
    report_waiting(agent, now);
  if (run->phase == RUN_DRAINING)
    run_finish(agent);
}

void run_watch(const struct agent *agent, struct pollfd polls[RUN_POLLS])
{
  const struct run *run = agent->run;
  for (size_t i = 0; i < RUN_POLLS; i++)
    polls[i] = (struct pollfd){.fd = -1};
  if (run->phase != RUN_ALIVE && run->phase != RUN_KILLING)
    return;
  // Without events poll still reports that the last reader is gone.
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
  int64_t next_check = run_limits_next_check(run);
  if (next_check >= 0)
    timeout = sooner(timeout, next_check, now);
  if (waiting_is_armed(&run->waiting) && run->input >= 0 && !run->input_ended && run->queue.length == 0)
    timeout = sooner(timeout, run->waiting.next_check, now);
  return timeout;
}
