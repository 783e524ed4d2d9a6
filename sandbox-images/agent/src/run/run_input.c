#include "run/run_input.h"

#include <unistd.h>

#include "core/agent.h"
#include "run/run.h"
#include "core/clock.h"

void run_input_close(struct run *run)
{
  if (run->input >= 0)
    close(run->input);
  run->input = -1;
}

void run_input_drop(struct agent *agent)
{
  struct run *run = agent->run;
  run_input_close(run);
  size_t dropped = run->queue.length;
  run->queue.length = 0;
  channel_consumed(agent, run->channel, dropped);
}

void run_input_feed(struct agent *agent)
{
  struct run *run = agent->run;
  if (run->input < 0 || run->queue.length == 0)
    return;
  long written = byte_queue_write(&run->queue, run->input);
  if (written < 0) {
    run_input_drop(agent);
    return;
  }
  if (written > 0) {
    waiting_rearm(&run->waiting, clock_us());
    channel_consumed(agent, run->channel, (size_t)written);
  }
  if (run->queue.length == 0 && run->input_ended)
    run_input_close(run);
}
