#include "file_answer.h"

#include <errno.h>
#include <string.h>

#include "agent.h"
#include "entry.h"

_Static_assert(ENTRY_FIELD_BYTES + 64 < OUTPUT_RESERVE / 2, "an entry must fit in the reserve");

void file_refuse(struct agent *agent, uint16_t number, int error)
{
  output_error(&agent->output, number, file_error(error), strerror(error));
}

void file_answer(struct agent *agent, uint16_t number, const char *path, const struct place *place)
{
  uint8_t fields[ENTRY_FIELD_BYTES];
  const uint8_t *end = entry_field(fields, path, place->parent, place->name);
  if (end == NULL)
    file_refuse(agent, number, errno);
  else
    output_frame(&agent->output, FRAME_RESULT, number, 0, fields, (size_t)(end - fields));
}

void file_answer_created(struct agent *agent, uint16_t number, const char *path, const struct place *place, bool created)
{
  uint8_t fields[ENTRY_FIELD_BYTES + FIELD_HEADER_BYTES + 1];
  uint8_t *end = entry_field(fields, path, place->parent, place->name);
  if (end == NULL) {
    file_refuse(agent, number, errno);
    return;
  }
  end = field_put8(end, 2, created);
  output_frame(&agent->output, FRAME_RESULT, number, 0, fields, (size_t)(end - fields));
}

void file_fail(struct agent *agent, struct channel *channel, int error)
{
  channel_error(agent, channel, file_error(error), strerror(error));
}

enum error_code tree_error(int error)
{
  return error == ENAMETOOLONG ? ERROR_TOO_DEEP : file_error(error);
}

void tree_fail(struct agent *agent, struct channel *channel, int error)
{
  channel_error(agent, channel, tree_error(error), strerror(error));
}

void file_finish(struct agent *agent, struct channel *channel, const char *path, const struct place *place)
{
  uint8_t fields[ENTRY_FIELD_BYTES];
  const uint8_t *end = entry_field(fields, path, place->parent, place->name);
  if (end == NULL)
    file_fail(agent, channel, errno);
  else
    channel_result(agent, channel, fields, (size_t)(end - fields));
}

void file_cancel(struct agent *agent, struct channel *channel)
{
  channel_error(agent, channel, ERROR_CANCELLED, "cancelled");
}
