#include "files/lister.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int enter(struct lister *lister, int fd, size_t path_length, const char *after)
{
  if (fd < 0)
    return errno;
  DIR *directory = fdopendir(fd);
  if (directory == NULL) {
    int error = errno;
    close(fd);
    return error;
  }
  // One more than are left shows that there is more, and what has been listed before may be among them.
  lister->stack[lister->levels++] = (struct lister_level){
    .directory = directory, .names.most = lister->left + 2, .path_length = path_length, .after = after};
  return 0;
}

static void leave(struct lister *lister)
{
  struct lister_level *level = &lister->stack[--lister->levels];
  sorted_names_free(&level->names);
  closedir(level->directory);
}

int lister_start(struct lister *lister, int fd)
{
  return enter(lister, fd, strlen(lister->path), *lister->after == 0 ? NULL : lister->after);
}

void lister_release(struct lister *lister)
{
  while (lister->levels > 0)
    leave(lister);
  names_free(&lister->excluded);
}

// Of a name and the first part of the path to go on after.
static int compare(const char *name, const char *after)
{
  size_t length = strcspn(after, "/");
  int order = strncmp(name, after, length);
  return order != 0 ? order : name[length] != 0;
}

static bool is_wanted(const struct lister_level *level, const char *name)
{
  if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || entry_is_hidden(name))
    return false;
  return level->after == NULL || compare(name, level->after) >= 0;
}

// Takes in one more name; at the end of the directory, sorts one more.
static void prepare(struct lister *lister, struct lister_level *level)
{
  if (level->names.heap < level->names.count) {
    level->is_read = !sorted_names_sort(&level->names);
    return;
  }
  errno = 0;
  const struct dirent *entry = readdir(level->directory);
  if (entry == NULL) {
    lister->unlisted += errno != 0;
    level->is_read = !sorted_names_sort(&level->names);
  } else if (is_wanted(level, entry->d_name) && !sorted_names_add(&level->names, entry->d_name)) {
    lister->unlisted++;
    level->is_read = true;
  }
}

// The name joined to the path of its directory; 0 when that is longer than any path may be.
static size_t join(struct lister *lister, size_t path_length, const char *name)
{
  size_t name_length = strlen(name);
  size_t separator = path_length > 0;
  if (path_length + separator + name_length >= sizeof lister->path)
    return 0;
  if (separator)
    lister->path[path_length] = '/';
  memcpy(lister->path + path_length + separator, name, name_length + 1);
  return path_length + separator + name_length;
}

static void descend(struct lister *lister, const struct lister_level *level, const char *name, size_t path_length,
                    const char *after)
{
  if (lister->levels >= lister->depth || names_have(&lister->excluded, name))
    return;
  int fd = openat(dirfd(level->directory), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  int error = enter(lister, fd, path_length, after);
  // What is gone or has become something else since is no loss.
  if (error != 0 && error != ENOENT && error != ENOTDIR && error != ELOOP)
    lister->unlisted++;
}

static void take(struct lister *lister, struct lister_level *level, const char *name)
{
  const char *rest = NULL;
  bool was_listed = level->after != NULL && compare(name, level->after) == 0;
  if (was_listed && level->after[strlen(name)] == '/')
    rest = level->after + strlen(name) + 1;
  if (!was_listed && lister->left == 0) {
    lister->is_truncated = true;
    return;
  }
  size_t path_length = join(lister, level->path_length, name);
  if (path_length == 0) {
    lister->unlisted++;
    return;
  }
  const uint8_t *end = entry_put(lister->entry, lister->path, dirfd(level->directory), name);
  if (end == NULL)
    return;
  if (!was_listed) {
    lister->entry_length = (size_t)(end - lister->entry);
    lister->entries++;
    lister->left--;
  }
  if (entry_type_of(lister->entry) == 'd')
    descend(lister, level, name, path_length, rest);
}

static void step(struct lister *lister)
{
  struct lister_level *level = &lister->stack[lister->levels - 1];
  if (!level->is_read)
    prepare(lister, level);
  else if (level->next < level->names.count)
    take(lister, level, level->names.list[level->next++]);
  else
    leave(lister);
}

enum lister_state lister_advance(struct lister *lister, const struct slice *slice)
{
  while (lister->entry_length == 0) {
    if (lister->levels == 0 || lister->is_truncated)
      return LISTER_END;
    if (slice_is_over(slice))
      return LISTER_MORE;
    step(lister);
  }
  return LISTER_ENTRY;
}
