// LIST: what is beneath a directory, in the order of names.

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/agent.h"
#include "core/request.h"
#include "files/lister.h"
#include "files/operations.h"
#include "paths/resolve.h"

#define DEFAULT_ENTRIES 1000
#define MOST_ENTRIES 100000

enum { TAG_PATH = 1, TAG_DEPTH, TAG_ENTRIES, TAG_AFTER, TAG_EXCLUDED };

// From a path beneath the root to one beneath the directory that is listed.
static bool shorten_after(struct lister *lister)
{
  size_t length = strlen(lister->path);
  size_t prefix = length + (length > 0);
  if (*lister->after == 0)
    return true;
  if (!path_is_valid(lister->after) || strncmp(lister->after, lister->path, length) != 0 ||
      (length > 0 && lister->after[length] != '/'))
    return false;
  memmove(lister->after, lister->after + prefix, strlen(lister->after + prefix) + 1);
  return true;
}

static bool read_request(void *state, struct fields *fields)
{
  struct lister *lister = state;
  lister->depth = 1;
  lister->left = DEFAULT_ENTRIES;
  const struct parameter parameters[] = {
    {TAG_PATH, VALUE_PATH, lister->path},   {TAG_DEPTH, VALUE_U32, &lister->depth},
    {TAG_ENTRIES, VALUE_U32, &lister->left}, {TAG_AFTER, VALUE_PATH, lister->after},
    {TAG_EXCLUDED, VALUE_NAMES, &lister->excluded},
  };
  return request_read(fields, parameters, COUNT(parameters)) && lister->depth >= 1 &&
         lister->depth <= LISTER_MOST_DEPTH && lister->left >= 1 && lister->left <= MOST_ENTRIES &&
         shorten_after(lister);
}

static int begin(struct agent *agent, struct channel *channel)
{
  struct lister *lister = channel->state;
  int fd = resolve_readable(agent->root, lister->path);
  return fd < 0 ? errno : lister_start(lister, fd);
}

static void finish(struct agent *agent, struct channel *channel)
{
  const struct lister *lister = channel->state;
  uint8_t fields[32];
  uint8_t *end = field_put8(field_put32(fields, 1, lister->entries), 2, lister->is_truncated);
  end = field_put32(end, 3, lister->unlisted);
  channel_end_stream(agent, channel);
  channel_result(agent, channel, fields, end);
}

static bool pump(struct agent *agent, struct channel *channel)
{
  struct lister *lister = channel->state;
  struct slice slice = slice_begin();
  size_t room = channel_data_room(agent, channel);
  size_t used = 0;
  enum lister_state state;
  uint8_t *payload = channel_begin_data(agent, channel);
  while ((state = lister_advance(lister, &slice)) == LISTER_ENTRY && lister->entry_length <= room - used) {
    memcpy(payload + used, lister->entry, lister->entry_length);
    used += lister->entry_length;
    lister->entry_length = 0;
  }
  channel_commit_data(agent, channel, used);
  if (state == LISTER_END && output_has_room(&agent->output)) {
    finish(agent, channel);
    return false;
  }
  return state == LISTER_MORE || (state == LISTER_ENTRY && used > 0);
}

static void release(struct agent *agent, void *state)
{
  (void)agent;
  lister_release(state);
}

const struct operation list_operation = {
  .name = "LIST",
  .state_bytes = sizeof(struct lister),
  .outgoing = 1u << 0,
  .read = read_request,
  .begin = begin,
  .pump = pump,
  .release = release,
};
