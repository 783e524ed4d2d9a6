// START: a process that PID 1 keeps.

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/agent.h"
#include "processes/operations.h"
#include "processes/process.h"

static void refuse(struct agent *agent, struct channel *channel, int error, bool is_cwd)
{
  const struct process_request *request = channel->state;
  char message[256];
  snprintf(message, sizeof message, "%.200s: %s", is_cwd ? "working directory" : request->command.argv[0], strerror(error));
  if (error == EEXIST && !is_cwd)
    channel_error(agent, channel, ERROR_EXISTS, "there is a process of that id");
  else if (error == EAGAIN && !is_cwd)
    channel_error(agent, channel, ERROR_BUSY, "too many processes");
  else
    channel_error(agent, channel, is_cwd ? error_code_of(error) : ERROR_SPAWN, message);
}

static int begin(struct agent *agent, struct channel *channel)
{
  struct process *process;
  bool is_cwd;
  uint8_t result[32];
  int error = process_start(agent->processes, channel->state, &process, &is_cwd);
  if (error != 0)
    refuse(agent, channel, error, is_cwd);
  else
    channel_result(agent, channel, result, field_put64(field_put32(result, 1, (uint32_t)process->pid), 2, process->started_ms));
  return 0;
}

static void release(struct agent *agent, void *state)
{
  (void)agent;
  process_request_free(state);
}

const struct operation start_operation = {
  .name = "START",
  .state_bytes = sizeof(struct process_request),
  .is_immediate = true,
  .read = process_request_read,
  .begin = begin,
  .release = release,
};
