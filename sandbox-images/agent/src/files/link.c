#include "files/link.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "core/agent.h"
#include "core/request.h"
#include "files/file_answer.h"
#include "paths/resolve.h"

// Never there between two turns of the loop, so what bears the name was left by an agent that was killed.
#define TEMPORARY ".berth-link"

enum { TAG_PATH = 1, TAG_TARGET, TAG_OVERWRITE };

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

void link_open(struct agent *agent, uint16_t number, struct fields *fields)
{
  char path[PATH_MAX];
  char target[PATH_MAX] = "";
  bool overwrite = false;
  const struct parameter parameters[] = {
    {TAG_PATH, VALUE_PATH, path}, {TAG_TARGET, VALUE_PATH, target}, {TAG_OVERWRITE, VALUE_FLAG, &overwrite}};
  if (!request_read(fields, parameters, 3) || !request_has(fields, TAG_PATH) || *target == 0) {
    output_error(&agent->output, number, ERROR_BAD_REQUEST, "not the fields of a link");
    return;
  }
  struct place place;
  int error = resolve_place(agent->root, path, true, &place);
  if (error == 0)
    error = make(target, &place, overwrite);
  if (error == 0)
    file_answer(agent, number, path, &place);
  else
    file_refuse(agent, number, error);
  place_close(&place);
}
