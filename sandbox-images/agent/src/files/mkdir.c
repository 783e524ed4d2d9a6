// MKDIR: makes a directory with its parents.

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/agent.h"
#include "core/request.h"
#include "files/entry.h"
#include "files/operations.h"
#include "paths/resolve.h"

#define MOST_MODE 0777
#define DEFAULT_MODE 0755

enum { TAG_PATH = 1, TAG_MODE };

struct mkdir_request {
  char path[PATH_MAX];
  bool has_mode;
  uint32_t mode;
};

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

static int make(const struct place *place, bool *is_created)
{
  *is_created = mkdirat(place->parent, place->name, DEFAULT_MODE) == 0;
  return *is_created || (errno == EEXIST && is_directory(place)) ? 0 : errno;
}

static bool read_request(void *state, struct fields *fields)
{
  struct mkdir_request *request = state;
  const struct parameter parameters[] = {{TAG_PATH, VALUE_PATH | REQUIRED, request->path},
                                         {TAG_MODE, VALUE_U32, &request->mode}};
  bool is_good = request_read(fields, parameters, COUNT(parameters)) && request->mode <= MOST_MODE;
  request->has_mode = request_has(fields, TAG_MODE);
  return is_good;
}

static int begin(struct agent *agent, struct channel *channel)
{
  const struct mkdir_request *request = channel->state;
  struct place place;
  bool is_created = false;
  int error = resolve_place(agent->root, request->path, true, &place);
  if (error == 0)
    error = make(&place, &is_created);
  if (error == 0 && request->has_mode)
    error = set_mode(&place, request->mode);
  if (error == 0)
    entry_result_created(agent, channel, request->path, &place, is_created);
  place_close(&place);
  return error;
}

const struct operation mkdir_operation = {
  .name = "MKDIR",
  .state_bytes = sizeof(struct mkdir_request),
  .is_immediate = true,
  .read = read_request,
  .begin = begin,
};
