#include "reset/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "paths/removal.h"

static ssize_t list_attributes(int fd, char *names)
{
  ssize_t length = flistxattr(fd, names, MAX_ATTRIBUTES);
  return length < 0 && errno == ENOTSUP ? 0 : length;
}

bool scratch_open(struct scratch *scratch, const char *path)
{
  struct stat root;
  scratch->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (scratch->fd < 0 || fstat(scratch->fd, &root) < 0)
    return false;
  scratch->mode = root.st_mode & 07777;
  scratch->owner = root.st_uid;
  scratch->group = root.st_gid;
  ssize_t length = list_attributes(scratch->fd, scratch->attributes);
  scratch->attributes_length = length < 0 ? 0 : (size_t)length;
  return length >= 0;
}

static bool had_attribute(const struct scratch *scratch, const char *name)
{
  const char *end = scratch->attributes + scratch->attributes_length;
  for (const char *at = scratch->attributes; at < end; at += strlen(at) + 1) {
    if (strcmp(at, name) == 0)
      return true;
  }
  return false;
}

// Attributes that were there from the start are not the user's to change (labels of a security module), so only
// added ones have to go. An access control list is among them.
static bool remove_added_attributes(const struct scratch *scratch)
{
  char names[MAX_ATTRIBUTES];
  ssize_t length = list_attributes(scratch->fd, names);
  for (ssize_t at = 0; at < length; at += (ssize_t)strlen(names + at) + 1) {
    if (!had_attribute(scratch, names + at) && fremovexattr(scratch->fd, names + at) < 0)
      return false;
  }
  return length >= 0 && list_attributes(scratch->fd, names) == (ssize_t)scratch->attributes_length;
}

static bool verify(const struct scratch *scratch)
{
  struct stat root;
  if (fstat(scratch->fd, &root) < 0)
    return false;
  errno = EBUSY;
  return (root.st_mode & 07777) == scratch->mode && root.st_uid == scratch->owner && root.st_gid == scratch->group &&
         directory_is_empty(scratch->fd);
}

bool scratch_restore(const struct scratch *scratch, uint32_t *removed)
{
  struct stat root;
  // Only the owner may, and only if it was changed must it be.
  if (fstat(scratch->fd, &root) < 0 ||
      ((root.st_mode & 07777) != scratch->mode && fchmod(scratch->fd, scratch->mode) < 0))
    return false;
  if (!remove_added_attributes(scratch) || !directory_empty(scratch->fd, removed))
    return false;
  return verify(scratch);
}
