#include "paths/removal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "paths/late_close.h"

// What a directory needs to be emptied; a directory that its owner has closed goes, too.
#define NEEDED 0700
#define PATIENCE 100
// A path in the tree that is longer is made shorter: AppArmor refuses to look beyond 8192 bytes, of which what leads to
// the tree takes a part.
#define LONG_PATH 2048
#define MOST_ROUNDS 65536
#define LIFTED_NAME_BYTES 32

void removal_begin(struct removal *removal, int parent, const char *name, bool is_recursive)
{
  *removal = (struct removal){
    .parent = parent,
    .is_recursive = is_recursive,
    .traversal = {.top = -1, .fd = -1},
    .lifts = MOST_ROUNDS,
    .patience = PATIENCE,
  };
  memcpy(removal->name, name, strlen(name) + 1);
}

static enum progress fail(struct removal *removal, int error)
{
  removal->error = error;
  return PROGRESS_FAILED;
}

static int unlink_name(const struct removal *removal, int parent, const char *name, int flags)
{
  return flags == 0 && !removal->is_awaited ? late_unlink(parent, name) : unlinkat(parent, name, flags);
}

static enum progress unlink_entry(struct removal *removal, int parent, const char *name, int flags)
{
  if (unlink_name(removal, parent, name, flags) == 0)
    removal->removed++;
  // Gone already, or something else by now: then its directory will not be empty in the end.
  else if (errno != ENOENT && errno != EISDIR && errno != ENOTDIR)
    return fail(removal, errno);
  return PROGRESS_MORE;
}

static bool is_long(const struct traversal *traversal)
{
  char path[PATH_MAX];
  if (traversal->depth < LONG_PATH / (NAME_MAX + 1))
    return false;
  size_t length = traversal_path(traversal, path);
  return length == 0 || length > LONG_PATH;
}

// Moves a directory that has been seen to the top of the tree, for the next round. Moving changes its "..", for which it
// has to be writable itself.
static void lift(struct removal *removal)
{
  struct traversal *traversal = &removal->traversal;
  char lifted[LIFTED_NAME_BYTES];
  struct stat file;
  int fd = directory_open(traversal->fd, traversal->name, NEEDED);
  if (fd >= 0)
    close(fd);
  do
    snprintf(lifted, sizeof lifted, ".lifted-%u", removal->next_name++);
  while (fstatat(traversal->top, lifted, &file, AT_SYMLINK_NOFOLLOW) == 0);
  if (renameat(traversal->fd, traversal->name, traversal->top, lifted) < 0)
    return;
  removal->has_lifted = true;
  traversal_skip(traversal);
}

static bool is_filled_again(struct removal *removal)
{
  return (removal->error == ENOTEMPTY || removal->error == EEXIST) && removal->patience-- > 0;
}

static enum progress leave(struct removal *removal)
{
  struct traversal *traversal = &removal->traversal;
  if (unlink_entry(removal, traversal->fd, traversal->name, AT_REMOVEDIR) == PROGRESS_MORE)
    return PROGRESS_MORE;
  if (!is_filled_again(removal))
    return PROGRESS_FAILED;
  traversal_revisit(traversal);
  return PROGRESS_MORE;
}

static enum progress begin_tree(struct removal *removal)
{
  const char *name = *removal->name == 0 ? "." : removal->name;
  int fd = directory_open(removal->parent, name, NEEDED);
  if (fd < 0 || !traversal_begin(&removal->traversal, fd, NEEDED))
    return fail(removal, errno);
  return PROGRESS_MORE;
}

// The tree itself when it is empty, or what is no tree.
static enum progress remove_top(struct removal *removal, int flags)
{
  if (unlink_name(removal, removal->parent, removal->name, flags) < 0)
    return fail(removal, errno);
  removal->removed++;
  return PROGRESS_DONE;
}

static enum progress end_tree(struct removal *removal)
{
  traversal_end(&removal->traversal);
  if (removal->has_lifted && removal->lifts > 0) {
    removal->has_lifted = false;
    removal->lifts--;
    return PROGRESS_MORE;
  }
  if (*removal->name == 0)
    return PROGRESS_DONE;
  enum progress progress = remove_top(removal, AT_REMOVEDIR);
  return progress == PROGRESS_FAILED && is_filled_again(removal) ? PROGRESS_MORE : progress;
}

static enum progress begin(struct removal *removal)
{
  struct stat file;
  if (*removal->name == 0)
    return begin_tree(removal);
  if (fstatat(removal->parent, removal->name, &file, AT_SYMLINK_NOFOLLOW) < 0)
    return fail(removal, errno);
  if (!S_ISDIR(file.st_mode))
    return remove_top(removal, 0);
  return removal->is_recursive ? begin_tree(removal) : remove_top(removal, AT_REMOVEDIR);
}

static enum progress step(struct removal *removal)
{
  struct traversal *traversal = &removal->traversal;
  if (traversal->depth == 0)
    return begin(removal);
  switch (traversal_next(traversal)) {
  case VISIT_FILE:
    return unlink_entry(removal, traversal->fd, traversal->name, 0);
  case VISIT_LEAVE:
    return leave(removal);
  case VISIT_UNREADABLE:
    // An empty one can go without being read.
    return unlink_entry(removal, traversal->fd, traversal->name, AT_REMOVEDIR);
  case VISIT_DIRECTORY:
    if (is_long(traversal))
      lift(removal);
    break;
  case VISIT_END:
    return end_tree(removal);
  case VISIT_FAILED:
    return fail(removal, traversal->error);
  case VISIT_NOTHING:
  case VISIT_ENTER:
  case VISIT_LOST:
    break;
  }
  return PROGRESS_MORE;
}

enum progress removal_advance(struct removal *removal, const struct slice *slice)
{
  enum progress progress;
  do
    progress = step(removal);
  while (progress == PROGRESS_MORE && !slice_is_over(slice));
  return progress;
}

void removal_end(struct removal *removal)
{
  if (removal->traversal.depth > 0)
    traversal_end(&removal->traversal);
}

static bool empty_once(int fd, uint32_t *removed)
{
  const struct slice whole = {INT64_MAX};
  struct removal removal;
  removal_begin(&removal, fd, "", true);
  removal.is_awaited = true;
  bool is_done = removal_advance(&removal, &whole) == PROGRESS_DONE;
  *removed += removal.removed;
  removal_end(&removal);
  errno = removal.error;
  return is_done;
}

// Where names go while a directory is read, some file systems skip others.
bool directory_empty(int fd, uint32_t *removed)
{
  for (int tries = 0; tries < PATIENCE && empty_once(fd, removed); tries++) {
    if (directory_is_empty(fd))
      return true;
  }
  return false;
}

bool directory_is_empty(int fd)
{
  int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *directory = copy < 0 ? NULL : fdopendir(copy);
  if (directory == NULL) {
    if (copy >= 0)
      close(copy);
    return false;
  }
  const struct dirent *entry;
  do
    entry = readdir(directory);
  while (entry != NULL && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
  closedir(directory);
  if (entry != NULL)
    errno = ENOTEMPTY;
  return entry == NULL;
}
