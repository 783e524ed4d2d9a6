#include "files/mkdir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/agent.h"
#include "core/request.h"
#include "files/file_answer.h"
#include "paths/resolve.h"

enum { TAG_PATH = 1, TAG_MODE = 2 };

#define MOST_MODE 0777
#define DEFAULT_MODE 0755

static bool is_directory(const struct place *place)
{
  struct stat file;
  return fstatat(place->parent, place->name, &file, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(file.st_mode);
}

// Not by the name, which may be that of a link by now.
static int set_mode(const struct place *place, uint32_t mode)
{
  int fd = openat(place->parent, place->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0)
    return errno;
  int error = fchmod(fd, mode) < 0 ? errno : 0;
  close(fd);
  return error;
}

static void make(struct agent *agent, uint16_t number, const char *path, const struct place *place, const uint32_t *mode)
{
  int error = mkdirat(place->parent, place->name, DEFAULT_MODE) < 0 ? errno : 0;
  bool is_created = error == 0;
  if (error == EEXIST && is_directory(place))
    error = 0;
  if (error == 0 && mode != NULL)
    error = set_mode(place, *mode);
  if (error == 0)
    file_answer_created(agent, number, path, place, is_created);
  else
    file_refuse(agent, number, error);
}

void mkdir_open(struct agent *agent, uint16_t number, struct fields *fields)
{
  char path[PATH_MAX];
  uint32_t mode = DEFAULT_MODE;
  const struct parameter parameters[] = {{TAG_PATH, VALUE_PATH, path}, {TAG_MODE, VALUE_U32, &mode}};
  if (!request_read(fields, parameters, 2) || !request_has(fields, TAG_PATH) || mode > MOST_MODE) {
    output_error(&agent->output, number, ERROR_BAD_REQUEST, "not the fields of a mkdir");
    return;
  }
  struct place place;
  int error = resolve_place(agent->root, path, true, &place);
  if (error != 0) {
    file_refuse(agent, number, error);
    return;
  }
  make(agent, number, path, &place, request_has(fields, TAG_MODE) ? &mode : NULL);
  place_close(&place);
}
