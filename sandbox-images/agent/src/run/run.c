#include "run/run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/agent.h"
#include "core/clock.h"
#include "paths/resolve.h"
#include "run/run_end.h"
#include "run/run_input.h"
#include "run/leaving.h"
#include "run/run_request.h"
#include "run/spawn.h"

static void on_data(struct agent *agent, struct channel *channel, const uint8_t *bytes, size_t length)
{
  struct run *run = agent->run;
  if (run->input < 0) {
    channel_consumed(agent, channel, length);
    return;
  }
  byte_queue_add(&run->queue, bytes, length);
  run_input_feed(agent);
}

static void on_end(struct agent *agent, struct channel *channel)
{
  (void)channel;
  agent->run->input_ended = true;
  if (agent->run->queue.length == 0)
    run_input_close(agent->run);
}

static void on_signal(struct agent *agent, struct channel *channel, int signal)
{
  (void)channel;
  // Once it has been reaped its number may be another process's.
  if (agent->run->phase == RUN_ALIVE && agent->run->ended == 0)
    kill(-agent->run->pid, signal);
}

static void on_cancel(struct agent *agent, struct channel *channel)
{
  (void)channel;
  agent->run->is_cancelled = true;
  run_kill(agent, REASON_CANCELLED);
}

static void release(struct agent *agent, void *state)
{
  struct run *run = agent->run;
  struct run_request *request = state;
  command_free(&request->command);
  // Refused, because another one is running.
  if (run->request != request)
    return;
  run_input_close(run);
  run_output_close(&run->outputs[0]);
  run_output_close(&run->outputs[1]);
  run_let_go(run);
  run->phase = RUN_NONE;
  run->request = NULL;
}

// The queue keeps its bytes: clearing a quarter of a megabyte would cost more than starting a program.
static void reset_run(struct run *run)
{
  memset(run, 0, offsetof(struct run, queue));
  run->queue.start = 0;
  run->queue.length = 0;
  run->input = -1;
  run->outputs[0].fd = -1;
  run->outputs[1].fd = -1;
  run->held[0] = run->held[1] = -1;
}

static void report_start(struct agent *agent)
{
  const struct run *run = agent->run;
  uint8_t *event = output_begin(&agent->output, FRAME_EVENT, run->channel->number, 0);
  event[0] = EVENT_STARTED;
  output_commit(&agent->output, (size_t)(field_put32(event + 1, 1, (uint32_t)run->pid) - event));
}

static int start(struct run *run, const struct run_request *request, int cwd)
{
  struct program program = {request->command.argv, request->command.envp, cwd, request->stack_bytes, false, !(request->flags & RUN_FLAG_LEAVE)};
  struct pipes pipes;
  run->counters = cgroup_read(&run->cgroup);
  run->started = clock_us();
  int error = spawn(&program, &run->pid, &pipes);
  if (error != 0)
    return error;
  run->phase = RUN_ALIVE;
  run->input = pipes.input;
  run->outputs[0].fd = pipes.output;
  run->outputs[1].fd = pipes.error;
  run->output_limit = request->output_limit;
  run_limits_start(run, request);
  if (request->flags & RUN_FLAG_INPUT_WAIT)
    waiting_start(&run->waiting, run->input, clock_us());
  return 0;
}

static void refuse(struct agent *agent, struct channel *channel, enum error_code code, const char *what, int error)
{
  char message[256];
  snprintf(message, sizeof message, "%.200s: %s", what, strerror(error));
  channel_error(agent, channel, code, message);
}

static int begin(struct agent *agent, struct channel *channel)
{
  struct run *run = agent->run;
  struct run_request *request = channel->state;
  if (run->phase != RUN_NONE || agent->has_left) {
    channel_error(agent, channel, ERROR_BUSY, "a program is running");
    return 0;
  }
  if (request->flags & RUN_FLAG_LEAVE && agent->is_init) {
    channel_error(agent, channel, ERROR_BAD_REQUEST, "PID 1 lets nothing live on");
    return 0;
  }
  reset_run(run);
  run->channel = channel;
  run->request = request;
  int cwd = resolve_directory(agent->root, request->command.cwd);
  if (cwd < 0) {
    refuse(agent, channel, error_code_of(errno), "working directory", errno);
    return 0;
  }
  int error = start(run, request, cwd);
  close(cwd);
  if (error != 0)
    refuse(agent, channel, ERROR_SPAWN, request->command.argv[0], error);
  else
    report_start(agent);
  return 0;
}

const struct operation run_operation = {
  .name = "RUN",
  .state_bytes = sizeof(struct run_request),
  .outgoing = 1u << 1 | 1u << 2,
  .read = run_request_read,
  .begin = begin,
  .data = on_data,
  .end = on_end,
  .signal = on_signal,
  .cancel = on_cancel,
  .release = release,
};
