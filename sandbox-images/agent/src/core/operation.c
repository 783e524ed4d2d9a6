#include "core/operation.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/agent.h"

// The analyzer loses sight of what is stored in a channel.
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"

static void begin(struct agent *agent, struct channel *channel, struct fields *fields)
{
  const struct operation *operation = channel->operation;
  bool is_read = operation->read == NULL ? fields->left == 0 : operation->read(channel->state, fields);
  if (!is_read) {
    char message[64];
    snprintf(message, sizeof message, "not the fields of %s", operation->name);
    channel_error(agent, channel, ERROR_BAD_REQUEST, message);
    return;
  }
  int error = operation->begin(agent, channel);
  if (error != 0)
    channel_fail(agent, channel, error);
}

// False when memory is short.
static bool open_channel(struct channel *channel, uint16_t number, const struct operation *operation)
{
  void *state = operation->state_bytes == 0 ? NULL : calloc(1, operation->state_bytes);
  if (state == NULL && operation->state_bytes > 0)
    return false;
  *channel = (struct channel){
    .operation = operation,
    .state = state,
    .number = number,
    .receive_credit = INITIAL_CREDIT,
    .send_credit = {INITIAL_CREDIT, INITIAL_CREDIT, INITIAL_CREDIT},
  };
  return true;
}

void operation_begin(struct agent *agent, uint16_t number, const struct operation *operation, struct fields *fields)
{
  struct channel *channel = operation->is_immediate ? &agent->immediate : channel_free(agent);
  if (channel == NULL || !open_channel(channel, number, operation))
    output_error(&agent->output, number, ERROR_BUSY, "too many channels");
  else
    begin(agent, channel, fields);
}
