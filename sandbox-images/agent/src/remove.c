#include "remove.h"

#include <stdlib.h>

#include "agent.h"
#include "file_answer.h"
#include "removal.h"
#include "request.h"
#include "resolve.h"

enum { TAG_PATH = 1, TAG_RECURSIVE };

struct remove {
  struct place place;
  struct removal removal;
};

static void let_go(struct remove *operation)
{
  removal_end(&operation->removal);
  place_close(&operation->place);
  free(operation);
}

static bool pump(struct agent *agent, struct channel *channel)
{
  struct remove *operation = channel->state;
  struct slice slice = slice_begin();
  uint8_t fields[16];
  if (!output_has_room(&agent->output))
    return false;
  switch (removal_advance(&operation->removal, &slice)) {
  case PROGRESS_MORE:
    return true;
  case PROGRESS_FAILED:
    tree_fail(agent, channel, operation->removal.error);
    break;
  case PROGRESS_DONE:
    channel_result(agent, channel, fields, (size_t)(field_put32(fields, 1, operation->removal.removed) - fields));
  }
  return false;
}

static void on_drop(struct agent *agent, struct channel *channel)
{
  (void)agent;
  let_go(channel->state);
}

static const struct operation remove_operation = {
  .cancel = file_cancel,
  .pump = pump,
  .drop = on_drop,
};

static void begin(struct agent *agent, uint16_t number, struct place *place, bool is_recursive)
{
  struct remove *operation = channel_has_room(agent) ? calloc(1, sizeof *operation) : NULL;
  if (operation == NULL) {
    output_error(&agent->output, number, ERROR_BUSY, "too many channels");
    place_close(place);
    return;
  }
  operation->place = *place;
  removal_begin(&operation->removal, operation->place.parent, operation->place.name, is_recursive);
  channel_open(agent, number, &remove_operation, operation);
}

void remove_open(struct agent *agent, uint16_t number, struct fields *fields)
{
  char path[PATH_MAX];
  bool is_recursive = false;
  const struct parameter parameters[] = {{TAG_PATH, VALUE_PATH, path}, {TAG_RECURSIVE, VALUE_FLAG, &is_recursive}};
  if (!request_read(fields, parameters, 2) || !request_has(fields, TAG_PATH)) {
    output_error(&agent->output, number, ERROR_BAD_REQUEST, "not the fields of a remove");
    return;
  }
  struct place place;
  int error = resolve_place(agent->root, path, false, &place);
  if (error == 0)
    begin(agent, number, &place, is_recursive);
  else
    file_refuse(agent, number, error);
}
