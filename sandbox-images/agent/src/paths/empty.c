#include "paths/empty.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIFTED_NAME_BYTES 32

struct emptying {
  int root;
  uint32_t *removed;
  // Names for what is lifted to the root.
  uint64_t next_name;
};

static DIR *open_directory(int parent, const char *name)
{
  int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  DIR *directory = fd < 0 ? NULL : fdopendir(fd);
  if (directory == NULL && fd >= 0)
    close(fd);
  return directory;
}

static const char *next_name(DIR *directory)
{
  const struct dirent *entry;
  do
    entry = readdir(directory);
  while (entry != NULL && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
  return entry == NULL ? NULL : entry->d_name;
}

static bool is_directory(int parent, const char *name)
{
  struct stat file;
  return fstatat(parent, name, &file, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(file.st_mode);
}

// A free name in the root; only there a rename replaces nothing.
static void free_name(struct emptying *emptying, char name[LIFTED_NAME_BYTES])
{
  struct stat file;
  do
    snprintf(name, LIFTED_NAME_BYTES, ".lifted-%llu", (unsigned long long)emptying->next_name++);
  while (fstatat(emptying->root, name, &file, AT_SYMLINK_NOFOLLOW) == 0);
}

// Moving a directory changes its "..", for which it has to be writable itself.
static bool lift(struct emptying *emptying, int parent, const char *name)
{
  char lifted[LIFTED_NAME_BYTES];
  free_name(emptying, lifted);
  return fchmodat(parent, name, 0700, 0) == 0 && renameat(parent, name, emptying->root, lifted) == 0;
}

static bool clear_level(struct emptying *emptying, DIR *directory)
{
  for (const char *name; (name = next_name(directory)) != NULL;) {
    int parent = dirfd(directory);
    if (is_directory(parent, name)) {
      if (!lift(emptying, parent, name))
        return false;
    } else if (unlinkat(parent, name, 0) == 0) {
      ++*emptying->removed;
    } else {
      return false;
    }
  }
  return true;
}

static bool remove_directory(struct emptying *emptying, const char *name)
{
  if (fchmodat(emptying->root, name, 0700, 0) < 0)
    return false;
  DIR *directory = open_directory(emptying->root, name);
  if (directory == NULL)
    return false;
  bool cleared = clear_level(emptying, directory);
  int error = errno;
  closedir(directory);
  errno = error;
  if (!cleared || unlinkat(emptying->root, name, AT_REMOVEDIR) < 0)
    return false;
  ++*emptying->removed;
  return true;
}

static bool remove_entry(struct emptying *emptying, const char *name)
{
  if (is_directory(emptying->root, name))
    return remove_directory(emptying, name);
  if (unlinkat(emptying->root, name, 0) < 0)
    return false;
  ++*emptying->removed;
  return true;
}

// However deep the tree, no path is built and no stack grows: what a directory holds is lifted to the root before
// the directory goes, so that each directory is moved once.
bool directory_empty(int fd, uint32_t *removed)
{
  struct emptying emptying = {.root = fd, .removed = removed};
  DIR *root = open_directory(fd, ".");
  if (root == NULL)
    return false;
  bool good = true;
  bool seen = true;
  while (good && seen) {
    seen = false;
    rewinddir(root);
    for (const char *name; good && (name = next_name(root)) != NULL;) {
      seen = true;
      good = remove_entry(&emptying, name);
    }
  }
  int error = errno;
  closedir(root);
  errno = error;
  return good;
}

bool directory_is_empty(int fd)
{
  DIR *directory = open_directory(fd, ".");
  if (directory == NULL)
    return false;
  bool empty = next_name(directory) == NULL;
  closedir(directory);
  if (!empty)
    errno = ENOTEMPTY;
  return empty;
}
