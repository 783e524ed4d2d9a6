#include "files/find.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/agent.h"
#include "core/request.h"
#include "files/file_answer.h"
#include "files/finder.h"
#include "paths/resolve.h"

#define DEFAULT_MATCHES 1000
#define DEFAULT_LARGEST (1024 * 1024)

enum { TAG_PATH = 1, TAG_GLOB, TAG_TEXT, TAG_IGNORE_CASE, TAG_EXCLUDE, TAG_MOST, TAG_LARGEST };

static void finish(struct agent *agent, struct channel *channel)
{
  const struct finder *finder = channel->state;
  uint8_t fields[32];
  uint8_t *end = field_put8(field_put32(fields, 1, finder->matches), 2, finder->is_truncated);
  output_frame(&agent->output, FRAME_END, channel->number, 0, NULL, 0);
  channel_result(agent, channel, fields, (size_t)(end - fields));
}

// Fills a frame with matches, as far as the slice and the room reach.
static enum progress fill(struct finder *finder, uint8_t *payload, size_t room, size_t *used)
{
  struct slice slice = slice_begin();
  enum progress progress = PROGRESS_MORE;
  while (progress == PROGRESS_MORE && !slice_is_over(&slice)) {
    if (finder->match_length == 0)
      progress = finder_advance(finder, &slice);
    if (finder->match_length > room - *used)
      break;
    memcpy(payload + *used, finder->match, finder->match_length);
    *used += finder->match_length;
    finder->match_length = 0;
  }
  return progress;
}

static bool pump(struct agent *agent, struct channel *channel)
{
  struct finder *finder = channel->state;
  size_t room = output_data_room(&agent->output);
  if (room > channel->send_credit[0])
    room = channel->send_credit[0];
  size_t used = 0;
  if (!output_has_room(&agent->output))
    return false;
  uint8_t *payload = output_begin(&agent->output, FRAME_DATA, channel->number, 0);
  enum progress progress = fill(finder, payload, room, &used);
  if (used > 0)
    output_commit(&agent->output, used);
  channel->send_credit[0] -= (uint32_t)used;
  if (progress == PROGRESS_FAILED)
    file_fail(agent, channel, finder->traversal.error);
  else if (progress == PROGRESS_DONE)
    finish(agent, channel);
  return progress == PROGRESS_MORE && (finder->match_length == 0 || used > 0);
}

static void on_drop(struct agent *agent, struct channel *channel)
{
  (void)agent;
  finder_free(channel->state);
}

static const struct operation find_operation = {
  .outgoing = 1u << 0,
  .cancel = file_cancel,
  .pump = pump,
  .drop = on_drop,
};

static bool read_fields(struct finder *finder, struct fields *fields)
{
  const struct parameter parameters[] = {
    {TAG_PATH, VALUE_PATH, finder->directory}, {TAG_GLOB, VALUE_PATH, finder->glob},
    {TAG_TEXT, VALUE_PATH, finder->text},      {TAG_IGNORE_CASE, VALUE_FLAG, &finder->ignore_case},
    {TAG_EXCLUDE, VALUE_NAMES, &finder->excluded}, {TAG_MOST, VALUE_U32, &finder->most},
    {TAG_LARGEST, VALUE_U64, &finder->largest}};
  if (!request_read(fields, parameters, sizeof parameters / sizeof *parameters))
    return false;
  bool is_text = text_search_init(&finder->search, finder->text, finder->ignore_case);
  return is_text || (*finder->text == 0 && *finder->glob != 0);
}

static int begin(struct finder *finder, int root)
{
  int place = resolve_directory(root, finder->directory);
  int fd = place < 0 ? -1 : openat(place, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int error = errno;
  if (place >= 0)
    close(place);
  if (fd < 0)
    return error;
  return traversal_begin(&finder->traversal, fd, 0) ? 0 : errno;
}

void find_open(struct agent *agent, uint16_t number, struct fields *fields)
{
  struct finder *finder = channel_has_room(agent) ? calloc(1, sizeof *finder) : NULL;
  if (finder == NULL) {
    output_error(&agent->output, number, ERROR_BUSY, "too many channels");
    return;
  }
  finder->traversal.top = finder->traversal.fd = finder->search.fd = -1;
  finder->most = DEFAULT_MATCHES;
  finder->largest = DEFAULT_LARGEST;
  bool good = read_fields(finder, fields);
  int error = good ? begin(finder, agent->root) : 0;
  if (good && error == 0) {
    channel_open(agent, number, &find_operation, finder);
    return;
  }
  if (good)
    file_refuse(agent, number, error);
  else
    output_error(&agent->output, number, ERROR_BAD_REQUEST, "not the fields of a find");
  finder_free(finder);
}
