#include "paths/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/channel.h"
#include "core/system.h"
#include "paths/late_close.h"
#include "paths/renaming.h"

// Few and fixed, so that a leftover is found without searching the directory: an agent at work on a file has a
// lock on it, which ends with its process. Two agents may work in one directory at a time.
#define SLOTS (2 * MAX_CHANNELS)

static void name_slot(struct temporary *temporary, unsigned int slot)
{
  snprintf(temporary->name, sizeof temporary->name, ".berth-write-%u", slot);
}

static bool is_same_file(int fd, int parent, const char *name)
{
  struct stat open;
  struct stat named;
  return fstat(fd, &open) == 0 && S_ISREG(open.st_mode) && fstatat(parent, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
         open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

// A guest may have put anything there, which then stays: nothing here blocks, and only a regular file is removed.
static bool remove_abandoned(int parent, const char *name)
{
  int fd = openat(parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0)
    return false;
  bool is_removed = flock(fd, LOCK_EX | LOCK_NB) == 0 && is_same_file(fd, parent, name) && unlinkat(parent, name, 0) == 0;
  late_close(fd);
  return is_removed;
}

static void remove_all_abandoned(struct temporary *temporary, int parent)
{
  for (unsigned int slot = 0; slot < SLOTS; slot++) {
    name_slot(temporary, slot);
    if (!remove_abandoned(parent, temporary->name))
      return;
  }
}

static int create(struct temporary *temporary, int parent)
{
  temporary->fd = openat(parent, temporary->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (temporary->fd < 0)
    return errno;
  // Another agent may have taken it for a leftover before the lock.
  if (flock(temporary->fd, LOCK_EX | LOCK_NB) == 0 && is_same_file(temporary->fd, parent, temporary->name))
    return 0;
  close(temporary->fd);
  temporary->fd = -1;
  return EEXIST;
}

int temporary_make(struct temporary *temporary, int parent)
{
  remove_all_abandoned(temporary, parent);
  int error = EEXIST;
  for (unsigned int slot = 0; slot < SLOTS && error == EEXIST; slot++) {
    name_slot(temporary, slot);
    error = create(temporary, parent);
  }
  // Only a guest takes all of these names, and the error must not read as if it were about the file itself.
  return error == EEXIST ? EBUSY : error;
}

int temporary_rename(struct temporary *temporary, int parent, const char *name, bool may_replace)
{
  int replaced = late_open(parent, name);
  int error = 0;
  if (!may_replace)
    error = rename_new_at(parent, temporary->name, parent, name);
  else if (renameat(parent, temporary->name, parent, name) < 0)
    error = errno;
  late_close(replaced);
  if (error == 0)
    temporary->name[0] = 0;
  return error;
}

void temporary_end(struct temporary *temporary, int parent)
{
  if (temporary->fd < 0)
    return;
  if (temporary->name[0] != 0)
    unlinkat(parent, temporary->name, 0);
  late_close(temporary->fd);
  temporary->fd = -1;
}
