#include "files/tree_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "files/entry.h"

#define DIRECTORY (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

void tree_copy_init(struct tree_copy *copy, uint64_t most)
{
  *copy = (struct tree_copy){
    .traversal = {.top = -1, .fd = -1}, .file = {.from = -1, .to = -1}, .to = -1, .left = most};
}

static int copy_link(int parent, const char *name, int to_parent, const char *to_name, const struct stat *file)
{
  char target[PATH_MAX];
  const struct timespec times[2] = {file->st_atim, file->st_mtim};
  ssize_t length = readlinkat(parent, name, target, sizeof target - 1);
  if (length < 0)
    return errno;
  target[length] = 0;
  if (symlinkat(target, to_parent, to_name) < 0 || utimensat(to_parent, to_name, times, AT_SYMLINK_NOFOLLOW) < 0)
    return errno;
  return 0;
}

// Remembers the directory that is being filled, as the one to come back to.
static int push(struct tree_copy *copy)
{
  struct stat directory;
  if (copy->depth == copy->capacity) {
    size_t capacity = copy->capacity == 0 ? 16 : copy->capacity * 2;
    ino_t *above = realloc(copy->above, capacity * sizeof *above);
    if (above == NULL)
      return ENOMEM;
    copy->above = above;
    copy->capacity = capacity;
  }
  if (fstat(copy->to, &directory) < 0)
    return errno;
  copy->above[copy->depth++] = directory.st_ino;
  return 0;
}

static int enter(struct tree_copy *copy, const char *name)
{
  int error = push(copy);
  if (error != 0)
    return error;
  if (mkdirat(copy->to, name, 0700) < 0)
    return errno;
  int fd = openat(copy->to, name, DIRECTORY);
  if (fd < 0)
    return errno;
  close(copy->to);
  copy->to = fd;
  return 0;
}

int tree_copy_seal(int fd, const struct stat *like)
{
  const struct timespec times[2] = {like->st_atim, like->st_mtim};
  return fchmod(fd, like->st_mode & 07777) < 0 || futimens(fd, times) < 0 ? errno : 0;
}

// ".." leads elsewhere once a guest has found what is being made, and has moved it.
static int leave(struct tree_copy *copy, const struct stat *like)
{
  struct stat directory;
  int parent = openat(copy->to, "..", DIRECTORY);
  int error = parent < 0 ? errno : tree_copy_seal(copy->to, like);
  if (error == 0 && (fstat(parent, &directory) < 0 || directory.st_ino != copy->above[--copy->depth]))
    error = EIO;
  if (parent < 0)
    return error;
  close(copy->to);
  copy->to = parent;
  return error;
}

static int begin_tree(struct tree_copy *copy, int parent, const char *name, int to_parent, const char *to_name)
{
  int top = directory_open(parent, name, 0);
  if (top < 0 || !traversal_begin(&copy->traversal, top, 0) || mkdirat(to_parent, to_name, 0700) < 0)
    return errno;
  copy->to = openat(to_parent, to_name, DIRECTORY);
  return copy->to < 0 ? errno : 0;
}

int tree_copy_begin(struct tree_copy *copy, int parent, const char *name, int to_parent, const char *to_name, int *lock)
{
  *lock = -1;
  if (fstatat(parent, name, &copy->top, AT_SYMLINK_NOFOLLOW) < 0)
    return errno;
  if (S_ISLNK(copy->top.st_mode))
    return copy_link(parent, name, to_parent, to_name, &copy->top);
  int error = S_ISDIR(copy->top.st_mode) ? begin_tree(copy, parent, name, to_parent, to_name)
                                         : file_copy_begin(&copy->file, parent, name, to_parent, to_name);
  if (error == 0)
    *lock = fcntl(copy->to >= 0 ? copy->to : copy->file.to, F_DUPFD_CLOEXEC, 0);
  return error;
}

static int visit_file(struct tree_copy *copy)
{
  struct traversal *traversal = &copy->traversal;
  if (entry_is_hidden(traversal->name))
    return 0;
  if (S_ISLNK(traversal->file.st_mode))
    return copy_link(traversal->fd, traversal->name, copy->to, traversal->name, &traversal->file);
  int error = file_copy_begin(&copy->file, traversal->fd, traversal->name, copy->to, traversal->name);
  // Gone since it was seen.
  return error == ENOENT ? 0 : error;
}

static int visit(struct tree_copy *copy, enum visit what)
{
  struct traversal *traversal = &copy->traversal;
  switch (what) {
  case VISIT_FILE:
    return visit_file(copy);
  case VISIT_DIRECTORY:
    if (entry_is_hidden(traversal->name))
      traversal_skip(traversal);
    return 0;
  case VISIT_ENTER:
    return enter(copy, traversal->name);
  case VISIT_LEAVE:
    return leave(copy, &traversal->file);
  case VISIT_UNREADABLE:
  case VISIT_FAILED:
    return traversal->error;
  case VISIT_LOST:
    return EIO;
  case VISIT_NOTHING:
  case VISIT_END:
    break;
  }
  return 0;
}

static enum progress step_file(struct tree_copy *copy)
{
  bool is_done;
  copy->error = file_copy_advance(&copy->file, &copy->left, &is_done);
  if (copy->error != 0)
    return PROGRESS_FAILED;
  if (!is_done)
    return PROGRESS_MORE;
  file_copy_end(&copy->file);
  return copy->to >= 0 ? PROGRESS_MORE : PROGRESS_DONE;
}

static enum progress step_tree(struct tree_copy *copy)
{
  enum visit what = traversal_next(&copy->traversal);
  copy->error = visit(copy, what);
  if (copy->error != 0)
    return PROGRESS_FAILED;
  return what == VISIT_END ? PROGRESS_DONE : PROGRESS_MORE;
}

static enum progress step(struct tree_copy *copy)
{
  if (copy->file.from >= 0)
    return step_file(copy);
  // Neither a file nor a directory: a link, which is done.
  return copy->to >= 0 ? step_tree(copy) : PROGRESS_DONE;
}

enum progress tree_copy_advance(struct tree_copy *copy, const struct slice *slice)
{
  enum progress progress;
  do
    progress = step(copy);
  while (progress == PROGRESS_MORE && !slice_is_over(slice));
  return progress;
}

void tree_copy_end(struct tree_copy *copy)
{
  file_copy_end(&copy->file);
  traversal_end(&copy->traversal);
  if (copy->to >= 0)
    close(copy->to);
  free(copy->above);
  tree_copy_init(copy, 0);
}
