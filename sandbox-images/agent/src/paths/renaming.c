#include "paths/renaming.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/system.h"
#include "paths/late_close.h"

static int rename_flagged(const struct place *from, const struct place *to, unsigned int flags)
{
  return rename_how(from->parent, from->name, to->parent, to->name, flags) < 0 ? errno : 0;
}

int rename_new_at(int from, const char *name, int to, const char *new_name)
{
  int error = rename_how(from, name, to, new_name, RENAME_NOREPLACE) < 0 ? errno : 0;
  if (error != ENOSYS && error != EINVAL)
    return error;
  // No such call or flag on this kernel or file system. (Or a directory into itself, which is EINVAL once more.) A link
  // replaces nothing either, but no directory can have a second one.
  if (linkat(from, name, to, new_name, 0) == 0)
    return unlinkat(from, name, 0) < 0 ? errno : 0;
  if (errno != EPERM)
    return errno;
  struct stat file;
  if (fstatat(to, new_name, &file, AT_SYMLINK_NOFOLLOW) == 0)
    return EEXIST;
  return rename_how(from, name, to, new_name, 0) < 0 ? errno : 0;
}

int rename_new(const struct place *from, const struct place *to)
{
  return rename_new_at(from->parent, from->name, to->parent, to->name);
}

static bool is_same_directory(int one, int other)
{
  struct stat first;
  struct stat second;
  return fstat(one, &first) == 0 && fstat(other, &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

static bool is_same_file(const struct place *one, const struct place *other)
{
  struct stat first;
  struct stat second;
  return fstatat(one->parent, one->name, &first, AT_SYMLINK_NOFOLLOW) == 0 &&
         fstatat(other->parent, other->name, &second, AT_SYMLINK_NOFOLLOW) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

// Renaming one of a file's names to another of them does nothing, by POSIX.
static void drop_second_name(const struct place *from, const struct place *to)
{
  bool is_same_place = strcmp(from->name, to->name) == 0 && is_same_directory(from->parent, to->parent);
  if (!is_same_place && is_same_file(from, to))
    unlinkat(from->parent, from->name, 0);
}

int rename_over(const struct place *from, const struct place *to, bool *is_exchanged)
{
  int replaced = late_open(to->parent, to->name);
  int error = renameat(from->parent, from->name, to->parent, to->name) < 0 ? errno : 0;
  late_close(replaced);
  *is_exchanged = error == EISDIR || error == ENOTDIR || error == ENOTEMPTY || error == EEXIST;
  if (*is_exchanged) {
    error = rename_flagged(from, to, RENAME_EXCHANGE);
    *is_exchanged = error == 0;
  } else if (error == 0) {
    drop_second_name(from, to);
  }
  return error;
}

void rename_back(const struct place *from, const struct place *to)
{
  rename_flagged(from, to, RENAME_EXCHANGE);
}
