#include "core/channel.h"

#include "core/agent.h"

struct channel *channel_find(struct agent *agent, uint16_t number)
{
  for (size_t i = 0; i < MAX_CHANNELS; i++) {
    if (agent->channels[i].operation != NULL && agent->channels[i].number == number)
      return &agent->channels[i];
  }
  return NULL;
}

static size_t free_slot(const struct agent *agent)
{
  size_t i = 0;
  while (i < MAX_CHANNELS && agent->channels[i].operation != NULL)
    i++;
  return i;
}

bool channel_has_room(const struct agent *agent)
{
  return free_slot(agent) < MAX_CHANNELS;
}

struct channel *channel_open(struct agent *agent, uint16_t number, const struct operation *operation, void *state)
{
  struct channel *channel = &agent->channels[free_slot(agent)];
  *channel = (struct channel){
    .operation = operation,
    .state = state,
    .number = number,
    .receive_credit = INITIAL_CREDIT,
    .send_credit = {INITIAL_CREDIT, INITIAL_CREDIT, INITIAL_CREDIT},
  };
  return channel;
}

void channel_consumed(struct agent *agent, struct channel *channel, size_t bytes)
{
  channel->owed_credit += (uint32_t)bytes;
  if (channel->owed_credit < INITIAL_CREDIT / 4 || channel->end_received)
    return;
  output_credit(&agent->output, channel->number, channel->owed_credit);
  channel->receive_credit += channel->owed_credit;
  channel->owed_credit = 0;
}

static void drop(struct agent *agent, struct channel *channel)
{
  channel->operation->drop(agent, channel);
  channel->operation = NULL;
}

void channel_result(struct agent *agent, struct channel *channel, const uint8_t *fields, size_t length)
{
  output_frame(&agent->output, FRAME_RESULT, channel->number, 0, fields, length);
  drop(agent, channel);
}

void channel_error(struct agent *agent, struct channel *channel, enum error_code code, const char *message)
{
  output_error(&agent->output, channel->number, code, message);
  drop(agent, channel);
}

void channel_drop_all(struct agent *agent)
{
  for (size_t i = 0; i < MAX_CHANNELS; i++) {
    if (agent->channels[i].operation != NULL)
      drop(agent, &agent->channels[i]);
  }
}
