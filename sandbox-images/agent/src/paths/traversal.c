#include "paths/traversal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DIRECTORY (O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

// Only the current directory is open: a tree may be deeper than there are descriptors. The way back is "..", which
// leads where the directory has been moved meanwhile, so each level knows what its directory was.
struct level {
  dev_t device;
  ino_t inode;
  // The names of its directories, each with its NUL; that at `current` is the one gone into.
  char *names;
  size_t length;
  size_t capacity;
  size_t current;
  size_t next;
};

// fchmod needs a descriptor for reading, which the missing permission denies, and fchmodat follows links.
static void grant(int parent, const char *name, mode_t needed)
{
  int fd = openat(parent, name, O_PATH | DIRECTORY);
  struct stat file;
  char link[32];
  if (fd < 0)
    return;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  if (fstat(fd, &file) == 0)
    chmod(link, (file.st_mode & 07777) | needed);
  close(fd);
}

int directory_open(int parent, const char *name, mode_t needed)
{
  int fd = openat(parent, name, O_RDONLY | DIRECTORY);
  if (fd < 0 && errno == EACCES && needed != 0) {
    grant(parent, name, needed);
    fd = openat(parent, name, O_RDONLY | DIRECTORY);
  }
  struct stat file;
  if (fd >= 0 && needed != 0 && fstat(fd, &file) == 0 && (file.st_mode & needed) != needed)
    fchmod(fd, (file.st_mode & 07777) | needed);
  return fd;
}

static bool is_same(const struct level *level, int fd)
{
  struct stat file;
  return fstat(fd, &file) == 0 && file.st_dev == level->device && file.st_ino == level->inode;
}

static struct level *last_level(const struct traversal *traversal)
{
  return &traversal->levels[traversal->depth - 1];
}

// Begins to read the directory that is open now.
static bool push(struct traversal *traversal)
{
  if (traversal->depth == traversal->capacity) {
    size_t capacity = traversal->capacity == 0 ? 16 : traversal->capacity * 2;
    struct level *levels = realloc(traversal->levels, capacity * sizeof *levels);
    if (levels == NULL)
      return false;
    traversal->levels = levels;
    traversal->capacity = capacity;
  }
  struct stat file;
  int copy = fstat(traversal->fd, &file) < 0 ? -1 : fcntl(traversal->fd, F_DUPFD_CLOEXEC, 0);
  traversal->reading = copy < 0 ? NULL : fdopendir(copy);
  if (traversal->reading == NULL) {
    int error = errno;
    if (copy >= 0)
      close(copy);
    errno = error;
    return false;
  }
  traversal->levels[traversal->depth++] = (struct level){.device = file.st_dev, .inode = file.st_ino};
  return true;
}

static void pop(struct traversal *traversal)
{
  free(last_level(traversal)->names);
  traversal->depth--;
}

static void go_to(struct traversal *traversal, int fd)
{
  close(traversal->fd);
  traversal->fd = fd;
}

bool traversal_begin(struct traversal *traversal, int top, mode_t needed)
{
  *traversal = (struct traversal){.top = top, .fd = fcntl(top, F_DUPFD_CLOEXEC, 0), .needed = needed};
  if (traversal->fd >= 0 && push(traversal))
    return true;
  int error = errno;
  traversal_end(traversal);
  errno = error;
  return false;
}

static enum visit fail(struct traversal *traversal, int error)
{
  traversal->error = error;
  return VISIT_FAILED;
}

static bool remember(struct traversal *traversal, const char *name)
{
  struct level *level = &traversal->levels[traversal->depth - 1];
  size_t bytes = strlen(name) + 1;
  if (level->length + bytes > level->capacity) {
    size_t capacity = 2 * level->capacity + NAME_MAX + 1;
    char *names = realloc(level->names, capacity);
    if (names == NULL)
      return false;
    level->names = names;
    level->capacity = capacity;
  }
  memcpy(level->names + level->length, name, bytes);
  level->length += bytes;
  return true;
}

static enum visit read_entry(struct traversal *traversal)
{
  const struct dirent *entry = readdir(traversal->reading);
  if (entry == NULL) {
    closedir(traversal->reading);
    traversal->reading = NULL;
    return VISIT_NOTHING;
  }
  if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
    return VISIT_NOTHING;
  memcpy(traversal->name, entry->d_name, strlen(entry->d_name) + 1);
  if (fstatat(traversal->fd, traversal->name, &traversal->file, AT_SYMLINK_NOFOLLOW) < 0) {
    traversal->error = errno;
    return errno == ENOENT ? VISIT_NOTHING : VISIT_UNREADABLE;
  }
  if (!S_ISDIR(traversal->file.st_mode))
    return VISIT_FILE;
  return remember(traversal, traversal->name) ? VISIT_DIRECTORY : fail(traversal, ENOMEM);
}

static enum visit descend(struct traversal *traversal)
{
  struct level *level = last_level(traversal);
  level->current = level->next;
  level->next += strlen(level->names + level->current) + 1;
  memcpy(traversal->name, level->names + level->current, level->next - level->current);
  int fd = directory_open(traversal->fd, traversal->name, traversal->needed);
  traversal->error = errno;
  if (fd < 0)
    return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? VISIT_NOTHING : VISIT_UNREADABLE;
  if (fstat(fd, &traversal->file) < 0) {
    close(fd);
    return fail(traversal, errno);
  }
  go_to(traversal, fd);
  return push(traversal) ? VISIT_ENTER : fail(traversal, errno);
}

// From the top again, by name, as far as everything still is where it was.
static enum visit find_back(struct traversal *traversal)
{
  int at = fcntl(traversal->top, F_DUPFD_CLOEXEC, 0);
  if (at < 0)
    return fail(traversal, errno);
  size_t depth = 1;
  while (depth < traversal->depth) {
    const struct level *level = &traversal->levels[depth - 1];
    int next = openat(at, level->names + level->current, O_RDONLY | DIRECTORY);
    if (next < 0)
      break;
    if (!is_same(level + 1, next)) {
      close(next);
      break;
    }
    close(at);
    at = next;
    depth++;
  }
  while (traversal->depth > depth)
    pop(traversal);
  go_to(traversal, at);
  return VISIT_LOST;
}

static int open_parent(const struct traversal *traversal)
{
  if (traversal->depth == 1)
    return fcntl(traversal->top, F_DUPFD_CLOEXEC, 0);
  int parent = openat(traversal->fd, "..", O_RDONLY | DIRECTORY);
  if (parent < 0 || is_same(last_level(traversal), parent))
    return parent;
  close(parent);
  return -1;
}

static enum visit ascend(struct traversal *traversal)
{
  if (traversal->depth == 1)
    return VISIT_END;
  pop(traversal);
  int parent = open_parent(traversal);
  if (parent < 0)
    return find_back(traversal);
  go_to(traversal, parent);
  const char *name = last_level(traversal)->names + last_level(traversal)->current;
  memcpy(traversal->name, name, strlen(name) + 1);
  return fstatat(parent, name, &traversal->file, AT_SYMLINK_NOFOLLOW) == 0 ? VISIT_LEAVE : VISIT_LOST;
}

enum visit traversal_next(struct traversal *traversal)
{
  if (traversal->reading != NULL)
    return read_entry(traversal);
  const struct level *level = last_level(traversal);
  return level->next < level->length ? descend(traversal) : ascend(traversal);
}

void traversal_skip(struct traversal *traversal)
{
  last_level(traversal)->length -= strlen(traversal->name) + 1;
}

void traversal_revisit(struct traversal *traversal)
{
  last_level(traversal)->next = last_level(traversal)->current;
}

size_t traversal_path(const struct traversal *traversal, char path[PATH_MAX])
{
  size_t length = 0;
  for (size_t i = 0; i < traversal->depth; i++) {
    const struct level *level = &traversal->levels[i];
    const char *name = i + 1 < traversal->depth ? level->names + level->current : traversal->name;
    size_t bytes = strlen(name);
    if (length + bytes + 1 >= PATH_MAX)
      return 0;
    memcpy(path + length, name, bytes);
    length += bytes;
    path[length++] = '/';
  }
  path[--length] = 0;
  return length;
}

void traversal_end(struct traversal *traversal)
{
  if (traversal->reading != NULL)
    closedir(traversal->reading);
  while (traversal->depth > 0)
    pop(traversal);
  free(traversal->levels);
  if (traversal->fd >= 0)
    close(traversal->fd);
  if (traversal->top >= 0)
    close(traversal->top);
  *traversal = (struct traversal){.top = -1, .fd = -1};
}
