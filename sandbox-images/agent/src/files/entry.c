#include "files/entry.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/agent.h"
#include "core/wire.h"

#define HIDDEN ".berth-"

_Static_assert(ENTRY_FIELD_BYTES + 64 < OUTPUT_RESERVE / 2, "an entry must fit in the reserve");

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

struct version entry_version(const struct stat *file)
{
  return (struct version){nanoseconds(file->st_mtim), (uint64_t)file->st_size, file->st_ino};
}

static uint8_t *put_text(uint8_t *to, const char *text, size_t length)
{
  to = wire_put16(to, (uint16_t)length);
  memcpy(to, text, length);
  return to + length;
}

static uint8_t *put_facts(uint8_t *to, uint8_t type, uint32_t mode, struct version version)
{
  to = wire_put32(wire_put8(to, type), mode);
  return wire_put64(wire_put64(wire_put64(to, version.size), version.mtime_ns), version.inode);
}

uint8_t *entry_put_stat(uint8_t *to, const char *path, const struct stat *file)
{
  to = put_text(to, path, strlen(path));
  to = put_facts(to, type_letter(file->st_mode), file->st_mode & 07777, entry_version(file));
  return put_text(to, "", 0);
}

uint8_t *entry_put(uint8_t *to, const char *path, int parent, const char *name)
{
  struct stat file;
  if (fstatat(parent, name, &file, AT_SYMLINK_NOFOLLOW) < 0)
    return NULL;
  uint8_t *end = entry_put_stat(to, path, &file);
  if (!S_ISLNK(file.st_mode))
    return end;
  char target[PATH_MAX];
  // No link any more, or one that cannot be read: one without a target.
  ssize_t length = readlinkat(parent, name, target, sizeof target - 1);
  return length <= 0 ? end : put_text(end - 2, target, (size_t)length);
}

uint8_t *entry_field(uint8_t *to, const char *path, const struct stat *file)
{
  return field_close(to, 1, entry_put_stat(to + FIELD_HEADER_BYTES, path, file));
}

static uint8_t *put_field(uint8_t *to, const char *path, const struct place *place)
{
  uint8_t *end = entry_put(to + FIELD_HEADER_BYTES, path, place->parent, place->name);
  return end == NULL ? NULL : field_close(to, 1, end);
}

void entry_result(struct agent *agent, struct channel *channel, const char *path, const struct place *place)
{
  uint8_t fields[ENTRY_FIELD_BYTES];
  const uint8_t *end = put_field(fields, path, place);
  if (end == NULL)
    channel_fail(agent, channel, errno);
  else
    channel_result(agent, channel, fields, end);
}

void entry_result_created(struct agent *agent, struct channel *channel, const char *path, const struct place *place,
                          bool is_created)
{
  uint8_t fields[ENTRY_FIELD_BYTES + FIELD_HEADER_BYTES + 1];
  uint8_t *end = put_field(fields, path, place);
  if (end == NULL)
    channel_fail(agent, channel, errno);
  else
    channel_result(agent, channel, fields, field_put8(end, 2, is_created));
}

uint8_t *entry_put_gone(uint8_t *to, const char *path, uint8_t type)
{
  to = put_text(to, path, strlen(path));
  to = put_facts(to, type, 0, (struct version){0});
  return put_text(to, "", 0);
}

uint8_t entry_type_of(const uint8_t *entry)
{
  return entry[2 + wire_get16(entry)];
}

bool entry_is_hidden(const char *name)
{
  return strncmp(name, HIDDEN, strlen(HIDDEN)) == 0;
}
