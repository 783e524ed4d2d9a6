// FIND: files by name, by content or by both.

#include <errno.h>
#include <string.h>

#include "core/agent.h"
#include "core/request.h"
#include "files/finder.h"
#include "files/operations.h"
#include "paths/resolve.h"

#define DEFAULT_MATCHES 1000
#define DEFAULT_LARGEST (1024 * 1024)

enum { TAG_PATH = 1, TAG_GLOB, TAG_TEXT, TAG_IGNORE_CASE, TAG_EXCLUDE, TAG_MOST, TAG_LARGEST };

static void finish(struct agent *agent, struct channel *channel)
{
  const struct finder *finder = channel->state;
  uint8_t fields[32];
  uint8_t *end = field_put8(field_put32(fields, 1, finder->matches), 2, finder->is_truncated);
  channel_end_stream(agent, channel);
  channel_result(agent, channel, fields, end);
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
  size_t used = 0;
  uint8_t *payload = channel_begin_data(agent, channel);
  enum progress progress = fill(finder, payload, channel_data_room(agent, channel), &used);
  channel_commit_data(agent, channel, used);
  if (progress == PROGRESS_FAILED)
    channel_fail(agent, channel, finder->traversal.error);
  else if (progress == PROGRESS_DONE)
    finish(agent, channel);
  return progress == PROGRESS_MORE && (finder->match_length == 0 || used > 0);
}

static bool read_request(void *state, struct fields *fields)
{
  struct finder *finder = state;
  finder->traversal.top = finder->traversal.fd = finder->search.fd = -1;
  finder->most = DEFAULT_MATCHES;
  finder->largest = DEFAULT_LARGEST;
  const struct parameter parameters[] = {
    {TAG_PATH, VALUE_PATH, finder->directory}, {TAG_GLOB, VALUE_PATH, finder->glob},
    {TAG_TEXT, VALUE_PATH, finder->text},      {TAG_IGNORE_CASE, VALUE_FLAG, &finder->ignore_case},
    {TAG_EXCLUDE, VALUE_NAMES, &finder->excluded}, {TAG_MOST, VALUE_U32, &finder->most},
    {TAG_LARGEST, VALUE_U64, &finder->largest}};
  if (!request_read(fields, parameters, COUNT(parameters)))
    return false;
  bool is_text = text_search_init(&finder->search, finder->text, finder->ignore_case);
  return is_text || (*finder->text == 0 && *finder->glob != 0);
}

static int begin(struct agent *agent, struct channel *channel)
{
  struct finder *finder = channel->state;
  int fd = resolve_readable(agent->root, finder->directory);
  return fd >= 0 && traversal_begin(&finder->traversal, fd, 0) ? 0 : errno;
}

static void release(struct agent *agent, void *state)
{
  (void)agent;
  finder_release(state);
}

const struct operation find_operation = {
  .name = "FIND",
  .state_bytes = sizeof(struct finder),
  .outgoing = 1u << 0,
  .read = read_request,
  .begin = begin,
  .pump = pump,
  .release = release,
};
