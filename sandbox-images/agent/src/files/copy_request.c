#include "files/copy_request.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/request.h"

enum { TAG_PATH = 1, TAG_TO, TAG_OVERWRITE, TAG_MOST_BYTES };

bool copy_request_read(struct copy_request *request, struct fields *fields)
{
  const struct parameter parameters[] = {{TAG_PATH, VALUE_PATH | REQUIRED, request->path},
                                         {TAG_TO, VALUE_PATH | REQUIRED, request->to},
                                         {TAG_OVERWRITE, VALUE_FLAG, &request->overwrite},
                                         {TAG_MOST_BYTES, VALUE_U64, &request->most}};
  request->source.parent = request->target.parent = -1;
  request->most = UINT64_MAX;
  return request_read(fields, parameters, COUNT(parameters));
}

static bool is_there(const struct place *place, struct stat *file)
{
  return fstatat(place->parent, place->name, file, AT_SYMLINK_NOFOLLOW) == 0;
}

// Whether a directory is what has that name, or lies within it.
static bool is_within(int directory, int root, const struct place *place)
{
  struct stat above;
  struct stat top;
  struct stat at;
  if (!is_there(place, &above) || fstat(root, &top) < 0)
    return false;
  bool is_found = false;
  int fd = fcntl(directory, F_DUPFD_CLOEXEC, 0);
  while (fd >= 0 && !is_found && fstat(fd, &at) == 0 && at.st_ino != top.st_ino) {
    is_found = at.st_ino == above.st_ino && at.st_dev == above.st_dev;
    int parent = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
    close(fd);
    fd = parent;
  }
  if (fd >= 0)
    close(fd);
  return is_found;
}

int copy_request_find(struct copy_request *request, int root)
{
  struct stat file;
  int error = resolve_place(root, request->path, false, &request->source);
  if (error == 0 && !is_there(&request->source, &file))
    error = errno;
  // Only now: no directory is made for the sake of what is not there.
  if (error == 0)
    error = resolve_place(root, request->to, true, &request->target);
  if (error != 0)
    return error;
  if (!request->overwrite && is_there(&request->target, &file))
    return EEXIST;
  bool is_nested = is_within(request->target.parent, root, &request->source) ||
                   is_within(request->source.parent, root, &request->target);
  return is_nested ? EINVAL : 0;
}

void copy_request_end(struct copy_request *request)
{
  place_close(&request->source);
  place_close(&request->target);
}
