// LINK: makes a symbolic link.

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "core/agent.h"
#include "core/request.h"
#include "files/entry.h"
#include "files/operations.h"
#include "paths/resolve.h"

// Never there between two turns of the loop, so what bears the name was left by an agent that was killed.
#define TEMPORARY ".berth-link"

enum { TAG_PATH = 1, TAG_TARGET, TAG_OVERWRITE };

struct link_request {
  char path[PATH_MAX];
  char target[PATH_MAX];
  bool overwrite;
};

static int replace(const char *target, const struct place *place)
{
  if (symlinkat(target, place->parent, TEMPORARY) < 0 &&
      (errno != EEXIST || unlinkat(place->parent, TEMPORARY, 0) < 0 || symlinkat(target, place->parent, TEMPORARY) < 0))
    return errno;
  if (renameat(place->parent, TEMPORARY, place->parent, place->name) == 0)
    return 0;
  int error = errno;
  unlinkat(place->parent, TEMPORARY, 0);
  return error;
}

static int make(const char *target, const struct place *place, bool overwrite)
{
  int error = symlinkat(target, place->parent, place->name) < 0 ? errno : 0;
  return error == EEXIST && overwrite ? replace(target, place) : error;
}

static bool read_request(void *state, struct fields *fields)
{
  struct link_request *request = state;
  const struct parameter parameters[] = {{TAG_PATH, VALUE_PATH | REQUIRED, request->path},
                                         {TAG_TARGET, VALUE_PATH | REQUIRED, request->target},
                                         {TAG_OVERWRITE, VALUE_FLAG, &request->overwrite}};
  return request_read(fields, parameters, COUNT(parameters)) && *request->target != 0;
}

static int begin(struct agent *agent, struct channel *channel)
{
  const struct link_request *request = channel->state;
  struct place place;
  int error = resolve_place(agent->root, request->path, true, &place);
  if (error == 0)
    error = make(request->target, &place, request->overwrite);
  if (error == 0)
    entry_result(agent, channel, request->path, &place);
  place_close(&place);
  return error;
}

const struct operation link_operation = {
  .name = "LINK",
  .state_bytes = sizeof(struct link_request),
  .is_immediate = true,
  .read = read_request,
  .begin = begin,
};
