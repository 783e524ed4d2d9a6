#include "run/run_end.h"

#include "core/agent.h"
#include "run/run.h"
#include "core/clock.h"
#include "run/run_input.h"
#include "run/run_output.h"
#include "run/leaving.h"
#include "run/run_report.h"
#include "run/run_request.h"

#define FIRST_KILL_PAUSE_US 1000
#define LONGEST_KILL_PAUSE_US 20000

void run_kill(struct agent *agent, enum run_reason reason)
{
  struct run *run = agent->run;
  if (run->phase != RUN_ALIVE)
    return;
  int64_t now = clock_us();
  run->phase = RUN_KILLING;
  run->reason = reason;
  run->kill_deadline = now + TREE_DEADLINE_US;
  run->kill_pause = FIRST_KILL_PAUSE_US;
  run->next_kill = now + run->kill_pause;
  tree_kill(agent->is_init);
}

static void start_draining(struct run *run)
{
  run->phase = RUN_DRAINING;
  run_input_close(run);
  run_output_limit_to_rest(&run->outputs[0]);
  run_output_limit_to_rest(&run->outputs[1]);
}

// With nothing to reap any more the dead are gone, or a process is left to be killed.
static void settle(struct agent *agent)
{
  struct run *run = agent->run;
  bool lives_on = run->phase == RUN_ALIVE && run->request->flags & RUN_FLAG_LEAVE;
  if (run->ended != 0 && lives_on)
    run_hold(run);
  if (run->ended != 0 && (lives_on || tree_is_gone(agent->is_init)))
    start_draining(run);
  else if (run->phase == RUN_ALIVE)
    run_kill(agent, REASON_EXIT);
}

void run_reap(struct agent *agent)
{
  struct run *run = agent->run;
  struct death death;
  struct tally others = {0};
  bool is_active = run->phase == RUN_ALIVE || run->phase == RUN_KILLING;
  while (tree_reap(is_active ? &run->tally : &others, &death)) {
    if (!is_active || death.pid != run->pid || run->ended != 0)
      continue;
    run->ended = clock_us();
    run->status = death.status;
  }
  if (is_active && run->ended != 0)
    settle(agent);
}

void run_kill_again(struct agent *agent, int64_t now)
{
  struct run *run = agent->run;
  run_reap(agent);
  if (run->phase != RUN_KILLING)
    return;
  if (now >= run->kill_deadline) {
    agent_fail(agent, ERROR_PROTOCOL, "a process cannot be killed");
    return;
  }
  tree_kill(agent->is_init);
  run->kill_pause = run->kill_pause * 2 < LONGEST_KILL_PAUSE_US ? run->kill_pause * 2 : LONGEST_KILL_PAUSE_US;
  run->next_kill = now + run->kill_pause;
}

void run_finish(struct agent *agent)
{
  const struct run *run = agent->run;
  if (!run_output_drain(agent) || !output_has_room(&agent->output))
    return;
  output_frame(&agent->output, FRAME_END, run->channel->number, 1, NULL, 0);
  output_frame(&agent->output, FRAME_END, run->channel->number, 2, NULL, 0);
  run_report(agent);
}
