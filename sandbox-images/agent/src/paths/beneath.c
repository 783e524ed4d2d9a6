#include "paths/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/system.h"

#define PLACE (O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

bool path_is_valid(const char *path)
{
  for (const char *name = path;;) {
    size_t length = strcspn(name, "/");
    if (length == 0 || length > NAME_MAX)
      return false;
    if (name[0] == '.' && (length == 1 || (length == 2 && name[1] == '.')))
      return false;
    if (name[length] == 0)
      return true;
    name += length + 1;
  }
}

enum error_code path_error(int error)
{
  switch (error) {
  case ENOENT:
    return ERROR_NOT_FOUND;
  case ENOSPC:
  case EDQUOT:
  case EFBIG:
    return ERROR_NO_SPACE;
  case EINVAL:
  case EISDIR:
  case ELOOP:
  case ENAMETOOLONG:
  case ENOTDIR:
  case ENOTEMPTY:
  case ENXIO:
  case EXDEV:
    return ERROR_BAD_PATH;
  default:
    return ERROR_IO;
  }
}

static int step(int at, const char *name, bool make)
{
  int next = openat(at, name, PLACE);
  if (next < 0 && errno == ENOENT && make && (mkdirat(at, name, 0755) == 0 || errno == EEXIST))
    next = openat(at, name, PLACE);
  return next;
}

int beneath_walk(int root, const char *path, size_t length, bool make, link_follower *follow)
{
  int at = openat(root, ".", PLACE);
  for (size_t offset = 0; at >= 0 && offset < length;) {
    char name[NAME_MAX + 1];
    size_t name_length = strcspn(path + offset, "/");
    memcpy(name, path + offset, name_length);
    name[name_length] = 0;
    int next = step(at, name, make);
    if (next < 0 && errno == ENOTDIR && follow != NULL)
      next = follow(root, path, offset + name_length);
    int error = errno;
    close(at);
    errno = error;
    at = next;
    offset += name_length + 1;
  }
  return at;
}

size_t path_parent_length(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash == NULL ? 0 : (size_t)(slash - path);
}

int beneath_open(int root, const char *path, int flags)
{
  if (!path_is_valid(path)) {
    errno = EINVAL;
    return -1;
  }
  struct open_how how = {
    .flags = (uint64_t)(flags | O_NOFOLLOW | O_CLOEXEC),
    .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
  };
  int fd = open_how(root, path, &how);
  if (fd >= 0 || (errno != ENOSYS && errno != EPERM && errno != EAGAIN))
    return fd;
  // Unknown to an old kernel, refused by an old seccomp profile, or a rename came in between.
  size_t length = path_parent_length(path);
  int parent = beneath_walk(root, path, length, false, NULL);
  if (parent < 0)
    return -1;
  fd = openat(parent, path + length + (length > 0), flags | O_NOFOLLOW | O_CLOEXEC);
  int error = errno;
  close(parent);
  errno = error;
  return fd;
}

int beneath_directory(int root, const char *path)
{
  if (*path == 0)
    return openat(root, ".", PLACE);
  return beneath_open(root, path, O_PATH | O_DIRECTORY);
}

int beneath_parent(int root, const char *path, bool make, const char **name)
{
  if (!path_is_valid(path)) {
    errno = EINVAL;
    return -1;
  }
  size_t length = path_parent_length(path);
  *name = path + length + (length > 0);
  return beneath_walk(root, path, length, make, NULL);
}
