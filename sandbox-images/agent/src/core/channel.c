#include "core/channel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/agent.h"

struct channel *channel_find(struct agent *agent, uint16_t number)
{
  for (size_t i = 0; i < MAX_CHANNELS; i++) {
    if (agent->channels[i].operation != NULL && agent->channels[i].number == number)
      return &agent->channels[i];
  }
  return NULL;
}

struct channel *channel_free(struct agent *agent)
{
  size_t i = 0;
  while (i < MAX_CHANNELS && agent->channels[i].operation != NULL)
    i++;
  return i < MAX_CHANNELS ? &agent->channels[i] : NULL;
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

size_t channel_data_room(const struct agent *agent, const struct channel *channel)
{
  size_t room = output_data_room(&agent->output);
  return room < channel->send_credit[0] ? room : channel->send_credit[0];
}

uint8_t *channel_begin_data(struct agent *agent, const struct channel *channel)
{
  return output_begin(&agent->output, FRAME_DATA, channel->number, 0);
}

void channel_commit_data(struct agent *agent, struct channel *channel, size_t bytes)
{
  if (bytes == 0)
    return;
  output_commit(&agent->output, bytes);
  channel->send_credit[0] -= (uint32_t)bytes;
}

void channel_event(struct agent *agent, const struct channel *channel, enum event_kind event)
{
  const uint8_t payload = (uint8_t)event;
  output_frame(&agent->output, FRAME_EVENT, channel->number, 0, &payload, 1);
}

void channel_end_stream(struct agent *agent, const struct channel *channel)
{
  output_frame(&agent->output, FRAME_END, channel->number, 0, NULL, 0);
}

static void close_channel(struct agent *agent, struct channel *channel)
{
  if (channel->operation->release != NULL)
    channel->operation->release(agent, channel->state);
  free(channel->state);
  channel->operation = NULL;
  channel->state = NULL;
}

void channel_result(struct agent *agent, struct channel *channel, const uint8_t *fields, const uint8_t *end)
{
  size_t length = fields == NULL ? 0 : (size_t)(end - fields);
  output_frame(&agent->output, FRAME_RESULT, channel->number, 0, fields, length);
  close_channel(agent, channel);
}

void channel_error(struct agent *agent, struct channel *channel, enum error_code code, const char *message)
{
  output_error(&agent->output, channel->number, code, message);
  close_channel(agent, channel);
}

enum error_code error_code_of(int error)
{
  switch (error) {
  case ENOENT:
    return ERROR_NOT_FOUND;
  case ENOSPC:
  case EDQUOT:
  case EFBIG:
    return ERROR_NO_SPACE;
  case EINVAL:
  case EISDIR:
  case ELOOP:
  case ENAMETOOLONG:
  case ENOTDIR:
  case EXDEV:
    return ERROR_BAD_PATH;
  case EACCES:
  case EPERM:
  case EROFS:
    return ERROR_DENIED;
  case EEXIST:
    return ERROR_EXISTS;
  case ENOTEMPTY:
    return ERROR_NOT_EMPTY;
  case ENXIO:
    return ERROR_SPECIAL;
  case ESTALE:
    return ERROR_PRECONDITION;
  default:
    return ERROR_IO;
  }
}

void channel_fail(struct agent *agent, struct channel *channel, int error)
{
  channel_error(agent, channel, error_code_of(error), strerror(error));
}

enum error_code tree_error_code_of(int error)
{
  return error == ENAMETOOLONG ? ERROR_TOO_DEEP : error_code_of(error);
}

void channel_fail_in_tree(struct agent *agent, struct channel *channel, int error)
{
  channel_error(agent, channel, tree_error_code_of(error), strerror(error));
}

void channel_close_all(struct agent *agent)
{
  for (size_t i = 0; i < MAX_CHANNELS; i++) {
    if (agent->channels[i].operation != NULL)
      close_channel(agent, &agent->channels[i]);
  }
}
