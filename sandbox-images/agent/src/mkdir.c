#include "mkdir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "agent.h"
#include "file_answer.h"
#include "request.h"
#include "resolve.h"

enum { TAG_PATH = 1 };

static bool is_directory(const struct place *place)
{
  struct stat file;
  return fstatat(place->parent, place->name, &file, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(file.st_mode);
}

static void make(struct agent *agent, uint16_t number, const char *path, const struct place *place)
{
  int error = mkdirat(place->parent, place->name, 0755) < 0 ? errno : 0;
  if (error == 0 || (error == EEXIST && is_directory(place)))
    file_answer_created(agent, number, path, place, error == 0);
  else
    file_refuse(agent, number, error);
}

void mkdir_open(struct agent *agent, uint16_t number, struct fields *fields)
{
  char path[PATH_MAX];
  const struct parameter parameters[] = {{TAG_PATH, VALUE_PATH, path}};
  if (!request_read(fields, parameters, 1) || !request_has(fields, TAG_PATH)) {
    output_error(&agent->output, number, ERROR_BAD_REQUEST, "not the fields of a mkdir");
    return;
  }
  struct place place;
  int error = resolve_place(agent->root, path, true, &place);
  if (error != 0) {
    file_refuse(agent, number, error);
    return;
  }
  make(agent, number, path, &place);
  place_close(&place);
}
