#include "files/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/agent.h"
#include "core/wire.h"
#include "paths/beneath.h"

#define DEFAULT_ENTRIES 10000
// Each level holds a descriptor: what lies deeper is not listed, and the result says that there is more.
#define MAX_DEPTH 40
#define ENTRY_BYTES (2 + PATH_MAX + 1 + 4 + 8 + 8 + 8)

enum { TAG_PATH = 1, TAG_DEPTH, TAG_ENTRIES };

struct level {
  DIR *directory;
  // Of the directory's path within `path`.
  size_t path_length;
};

struct walk {
  uint32_t depth;
  uint32_t most;
  uint32_t entries;
  bool has_more;
  size_t levels;
  struct level stack[MAX_DEPTH];
  // An entry that found no room yet.
  size_t pending;
  uint8_t entry[ENTRY_BYTES];
  char path[PATH_MAX];
};

static void leave(struct walk *walk)
{
  closedir(walk->stack[--walk->levels].directory);
}

static void let_go(struct walk *walk)
{
  while (walk->levels > 0)
    leave(walk);
  free(walk);
}

static bool enter(struct walk *walk, int fd, size_t path_length)
{
  if (fd < 0)
    return false;
  struct level *level = &walk->stack[walk->levels];
  level->directory = fdopendir(fd);
  level->path_length = path_length;
  if (level->directory == NULL) {
    close(fd);
    return false;
  }
  walk->levels++;
  return true;
}

static uint8_t type_letter(mode_t mode)
{
  switch (mode & S_IFMT) {
  case S_IFREG:
    return 'f';
  case S_IFDIR:
    return 'd';
  case S_IFLNK:
    return 'l';
  default:
    return 'o';
  }
}

// A guest may set any time it likes; what lies before 1970 counts as 1970.
static uint64_t nanoseconds(struct timespec time)
{
  return time.tv_sec < 0 ? 0 : (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static void write_entry(struct walk *walk, size_t path_length, const struct stat *file)
{
  uint8_t *at = wire_put16(walk->entry, (uint16_t)path_length);
  memcpy(at, walk->path, path_length);
  at = wire_put8(at + path_length, type_letter(file->st_mode));
  at = wire_put32(at, file->st_mode & 07777);
  at = wire_put64(at, (uint64_t)file->st_size);
  at = wire_put64(at, nanoseconds(file->st_mtim));
  at = wire_put64(at, file->st_ino);
  walk->pending = (size_t)(at - walk->entry);
}

// The name joined to the path of its directory; 0 when that is longer than any path may be.
static size_t join(struct walk *walk, size_t path_length, const char *name)
{
  size_t name_length = strlen(name);
  size_t separator = path_length > 0;
  if (path_length + separator + name_length >= sizeof walk->path)
    return 0;
  if (separator)
    walk->path[path_length] = '/';
  memcpy(walk->path + path_length + separator, name, name_length);
  return path_length + separator + name_length;
}

static void descend(struct walk *walk, int parent, const char *name, size_t path_length)
{
  if (walk->depth != 0 && walk->levels >= walk->depth)
    return;
  int fd = walk->levels < MAX_DEPTH ? openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
  // Gone since is no loss, unreadable or too deep is.
  if (!enter(walk, fd, path_length) && (walk->levels == MAX_DEPTH || errno != ENOENT))
    walk->has_more = true;
}

static void take_entry(struct walk *walk, const char *name)
{
  const struct level *level = &walk->stack[walk->levels - 1];
  int parent = dirfd(level->directory);
  struct stat file;
  if (fstatat(parent, name, &file, AT_SYMLINK_NOFOLLOW) < 0)
    return;
  size_t path_length = join(walk, level->path_length, name);
  if (walk->entries == walk->most || path_length == 0) {
    walk->has_more = true;
    return;
  }
  write_entry(walk, path_length, &file);
  walk->entries++;
  if (S_ISDIR(file.st_mode))
    descend(walk, parent, name, path_length);
}

// Finds the next entry; false at the end.
static bool advance(struct walk *walk)
{
  while (walk->levels > 0 && walk->pending == 0) {
    if (walk->entries == walk->most && walk->has_more)
      return false;
    const struct dirent *entry = readdir(walk->stack[walk->levels - 1].directory);
    if (entry == NULL)
      leave(walk);
    else if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
      take_entry(walk, entry->d_name);
  }
  return walk->pending > 0;
}

static void finish(struct agent *agent, struct channel *channel)
{
  const struct walk *walk = channel->state;
  uint8_t fields[32];
  uint8_t *end = field_put8(field_put32(fields, 1, walk->entries), 2, walk->has_more);
  output_frame(&agent->output, FRAME_END, channel->number, 0, NULL, 0);
  channel_result(agent, channel, fields, (size_t)(end - fields));
}

static bool pump(struct agent *agent, struct channel *channel)
{
  struct walk *walk = channel->state;
  size_t room = output_data_room(&agent->output);
  if (room > channel->send_credit[0])
    room = channel->send_credit[0];
  size_t used = 0;
  bool more;
  uint8_t *payload = output_begin(&agent->output, FRAME_DATA, channel->number, 0);
  while ((more = advance(walk)) && walk->pending <= room - used) {
    memcpy(payload + used, walk->entry, walk->pending);
    used += walk->pending;
    walk->pending = 0;
  }
  if (used > 0)
    output_commit(&agent->output, used);
  channel->send_credit[0] -= (uint32_t)used;
  if (!more && output_has_room(&agent->output))
    finish(agent, channel);
  return more && used > 0;
}

static void on_cancel(struct agent *agent, struct channel *channel)
{
  channel_error(agent, channel, ERROR_CANCELLED, "cancelled");
}

static void on_drop(struct agent *agent, struct channel *channel)
{
  (void)agent;
  let_go(channel->state);
}

static const struct operation walk_operation = {
  .outgoing = 1u << 0,
  .cancel = on_cancel,
  .pump = pump,
  .drop = on_drop,
};

static bool read_fields(struct walk *walk, struct fields *fields)
{
  struct field field;
  enum field_status status;
  while ((status = fields_next(fields, &field)) == FIELD_OK) {
    bool good = field_is_first(fields, &field);
    if (field.tag == TAG_PATH)
      good = good && field_string(&field, walk->path, sizeof walk->path);
    else if (field.tag == TAG_DEPTH)
      good = good && field_u32(&field, &walk->depth);
    else
      good = good && field.tag == TAG_ENTRIES && field_u32(&field, &walk->most);
    if (!good)
      return false;
  }
  return status == FIELD_END;
}

static int begin(struct agent *agent, struct walk *walk)
{
  int place = beneath_directory(agent->root, walk->path);
  if (place < 0)
    return errno;
  int fd = openat(place, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int error = errno;
  close(place);
  if (fd < 0)
    return error;
  return enter(walk, fd, strlen(walk->path)) ? 0 : errno;
}

void walk_open(struct agent *agent, uint16_t number, struct fields *fields)
{
  struct walk *walk = channel_has_room(agent) ? calloc(1, sizeof *walk) : NULL;
  if (walk == NULL) {
    output_error(&agent->output, number, ERROR_BUSY, "too many channels");
    return;
  }
  walk->most = DEFAULT_ENTRIES;
  if (!read_fields(walk, fields)) {
    output_error(&agent->output, number, ERROR_BAD_REQUEST, "not the fields of a walk");
    let_go(walk);
    return;
  }
  int error = begin(agent, walk);
  if (error != 0) {
    output_error(&agent->output, number, path_error(error), strerror(error));
    let_go(walk);
    return;
  }
  channel_open(agent, number, &walk_operation, walk);
}
