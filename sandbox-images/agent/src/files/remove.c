// REMOVE: a file, a link or a directory, with all that is in it if that is asked for.

#include "core/agent.h"
#include "core/request.h"
#include "files/operations.h"
#include "paths/removal.h"
#include "paths/resolve.h"

enum { TAG_PATH = 1, TAG_RECURSIVE };

struct remove {
  char path[PATH_MAX];
  bool is_recursive;
  struct place place;
  struct removal removal;
};

static bool read_request(void *state, struct fields *fields)
{
  struct remove *operation = state;
  operation->place.parent = -1;
  const struct parameter parameters[] = {{TAG_PATH, VALUE_PATH | REQUIRED, operation->path},
                                         {TAG_RECURSIVE, VALUE_FLAG, &operation->is_recursive}};
  return request_read(fields, parameters, COUNT(parameters));
}

static int begin(struct agent *agent, struct channel *channel)
{
  struct remove *operation = channel->state;
  int error = resolve_place(agent->root, operation->path, false, &operation->place);
  if (error == 0)
    removal_begin(&operation->removal, operation->place.parent, operation->place.name, operation->is_recursive);
  return error;
}

static bool pump(struct agent *agent, struct channel *channel)
{
  struct remove *operation = channel->state;
  struct slice slice = slice_begin();
  uint8_t fields[16];
  switch (removal_advance(&operation->removal, &slice)) {
  case PROGRESS_MORE:
    return true;
  case PROGRESS_FAILED:
    channel_fail_in_tree(agent, channel, operation->removal.error);
    break;
  case PROGRESS_DONE:
    channel_result(agent, channel, fields, field_put32(fields, 1, operation->removal.removed));
  }
  return false;
}

static void release(struct agent *agent, void *state)
{
  (void)agent;
  struct remove *operation = state;
  removal_end(&operation->removal);
  place_close(&operation->place);
}

const struct operation remove_operation = {
  .name = "REMOVE",
  .state_bytes = sizeof(struct remove),
  .read = read_request,
  .begin = begin,
  .pump = pump,
  .release = release,
};
