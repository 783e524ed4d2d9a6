#include "run/run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/agent.h"
#include "core/clock.h"
#include "paths/beneath.h"
#include "run/run_end.h"
#include "run/run_input.h"
#include "run/run_request.h"
#include "run/spawn.h"

static void on_data(struct agent *agent, struct channel *channel, const uint8_t *bytes, size_t length)
{
  struct run *run = &agent->run;
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
  agent->run.input_ended = true;
  if (agent->run.queue.length == 0)
    run_input_close(&agent->run);
}

static void on_signal(struct agent *agent, struct channel *channel, int signal)
{
  (void)channel;
  // Once it has been reaped its number may be somebody else's.
  if (agent->run.phase == RUN_ALIVE && agent->run.ended == 0)
    kill(-agent->run.pid, signal);
}

static void on_cancel(struct agent *agent, struct channel *channel)
{
  (void)channel;
  agent->run.is_cancelled = true;
  run_kill(agent, REASON_CANCELLED);
}

static void on_drop(struct agent *agent, struct channel *channel)
{
  (void)channel;
  struct run *run = &agent->run;
  run_input_close(run);
  run_output_close(&run->outputs[0]);
  run_output_close(&run->outputs[1]);
  run->phase = RUN_NONE;
}

static const struct operation run_operation = {
  .outgoing = 1u << 1 | 1u << 2,
  .data = on_data,
  .end = on_end,
  .signal = on_signal,
  .cancel = on_cancel,
  .drop = on_drop,
};

// The queue keeps its bytes: clearing a quarter of a megabyte would cost more than starting a program.
static void reset_run(struct run *run)
{
  memset(run, 0, offsetof(struct run, queue));
  run->queue.start = 0;
  run->queue.length = 0;
  run->input = -1;
  run->outputs[0].fd = -1;
  run->outputs[1].fd = -1;
}

static void begin(struct agent *agent, uint16_t number, const struct run_request *request, int cwd)
{
  struct run *run = &agent->run;
  reset_run(run);
  run->counters = cgroup_read(&agent->cgroup);
  run->started = clock_us();
  struct program program = {request->argv, request->envp, cwd, request->stack_bytes};
  struct pipes pipes;
  int failure = spawn(&program, &run->pid, &pipes);
  if (failure != 0) {
    char message[256];
    snprintf(message, sizeof message, "%.200s: %s", request->argv[0], strerror(failure));
    output_error(&agent->output, number, ERROR_SPAWN, message);
    return;
  }
  run->phase = RUN_ALIVE;
  run->channel = channel_open(agent, number, &run_operation, run);
  run->input = pipes.input;
  run->outputs[0].fd = pipes.output;
  run->outputs[1].fd = pipes.error;
  run->output_limit = request->output_limit;
  if (request->wall_ms != 0)
    run->wall_deadline = run->started + (int64_t)request->wall_ms * 1000;
  cpu_limit_start(&run->cpu_limit, request->cpu_ms, run->started);
  memory_limit_start(&run->memory_limit, request->memory_limit, run->started);
  if (request->flags & RUN_FLAG_INPUT_WAIT)
    waiting_start(&run->waiting, run->input, clock_us());
  uint8_t *start = output_begin(&agent->output, FRAME_EVENT, number, 0);
  start[0] = EVENT_STARTED;
  uint8_t *end = field_put32(start + 1, 1, (uint32_t)run->pid);
  output_commit(&agent->output, (size_t)(end - start));
}

static void refuse_directory(struct agent *agent, uint16_t number, int error)
{
  char message[128];
  snprintf(message, sizeof message, "working directory: %s", strerror(error));
  output_error(&agent->output, number, path_error(error), message);
}

void run_open(struct agent *agent, uint16_t number, struct fields *fields)
{
  if (agent->run.phase != RUN_NONE || !channel_has_room(agent)) {
    output_error(&agent->output, number, ERROR_BUSY, "a program is running");
    return;
  }
  struct run_request request;
  if (!run_request_read(&request, fields)) {
    output_error(&agent->output, number, ERROR_BAD_REQUEST, "not the fields of a run");
    return;
  }
  int cwd = beneath_directory(agent->root, request.cwd);
  if (cwd < 0)
    refuse_directory(agent, number, errno);
  else
    begin(agent, number, &request, cwd);
  if (cwd >= 0)
    close(cwd);
  run_request_free(&request);
}
