#include "files/list.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/agent.h"
#include "core/request.h"
#include "files/file_answer.h"
#include "files/lister.h"
#include "paths/beneath.h"
#include "paths/resolve.h"

#define DEFAULT_ENTRIES 1000
#define MOST_ENTRIES 100000

enum { TAG_PATH = 1, TAG_DEPTH, TAG_ENTRIES, TAG_AFTER, TAG_EXCLUDED };

static void finish(struct agent *agent, struct channel *channel)
{
  const struct lister *lister = channel->state;
  uint8_t fields[32];
  uint8_t *end = field_put32(fields, 1, lister->entries);
  end = field_put32(field_put8(end, 2, lister->is_truncated), 3, lister->unlisted);
  output_frame(&agent->output, FRAME_END, channel->number, 0, NULL, 0);
  channel_result(agent, channel, fields, (size_t)(end - fields));
}

static size_t data_room(const struct agent *agent, const struct channel *channel)
{
  size_t room = output_data_room(&agent->output);
  return room < channel->send_credit[0] ? room : channel->send_credit[0];
}

static bool pump(struct agent *agent, struct channel *channel)
{
  struct lister *lister = channel->state;
  struct slice slice = slice_begin();
  size_t room = data_room(agent, channel);
  size_t used = 0;
  enum lister_state state;
  uint8_t *payload = output_begin(&agent->output, FRAME_DATA, channel->number, 0);
  while ((state = lister_advance(lister, &slice)) == LISTER_ENTRY && lister->entry_length <= room - used) {
    memcpy(payload + used, lister->entry, lister->entry_length);
    used += lister->entry_length;
    lister->entry_length = 0;
  }
  if (used > 0)
    output_commit(&agent->output, used);
  channel->send_credit[0] -= (uint32_t)used;
  if (state == LISTER_END && output_has_room(&agent->output)) {
    finish(agent, channel);
    return false;
  }
  return state == LISTER_MORE || (state == LISTER_ENTRY && used > 0);
}

static void let_go(struct lister *lister)
{
  lister_free(lister);
  free(lister);
}

static void on_drop(struct agent *agent, struct channel *channel)
{
  (void)agent;
  let_go(channel->state);
}

static const struct operation list_operation = {
  .outgoing = 1u << 0,
  .cancel = file_cancel,
  .pump = pump,
  .drop = on_drop,
};

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

static bool read_request(struct lister *lister, struct fields *fields)
{
  lister->depth = 1;
  lister->left = DEFAULT_ENTRIES;
  const struct parameter parameters[] = {
    {TAG_PATH, VALUE_PATH, lister->path},   {TAG_DEPTH, VALUE_U32, &lister->depth},
    {TAG_ENTRIES, VALUE_U32, &lister->left}, {TAG_AFTER, VALUE_PATH, lister->after},
    {TAG_EXCLUDED, VALUE_NAMES, &lister->excluded},
  };
  return request_read(fields, parameters, sizeof parameters / sizeof *parameters) && lister->depth >= 1 &&
         lister->depth <= LISTER_MOST_DEPTH && lister->left >= 1 && lister->left <= MOST_ENTRIES &&
         shorten_after(lister);
}

static int start(struct agent *agent, struct lister *lister)
{
  int directory = resolve_directory(agent->root, lister->path);
  if (directory < 0)
    return errno;
  int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int error = fd < 0 ? errno : lister_start(lister, fd);
  close(directory);
  return error;
}

void list_open(struct agent *agent, uint16_t number, struct fields *fields)
{
  struct lister *lister = channel_has_room(agent) ? calloc(1, sizeof *lister) : NULL;
  if (lister == NULL) {
    output_error(&agent->output, number, ERROR_BUSY, "too many channels");
    return;
  }
  if (!read_request(lister, fields)) {
    output_error(&agent->output, number, ERROR_BAD_REQUEST, "not the fields of a list");
    let_go(lister);
    return;
  }
  int error = start(agent, lister);
  if (error != 0) {
    file_refuse(agent, number, error);
    let_go(lister);
    return;
  }
  channel_open(agent, number, &list_operation, lister);
}
