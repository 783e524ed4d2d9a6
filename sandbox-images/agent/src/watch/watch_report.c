// Encodes changes for the server.

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/wire.h"
#include "paths/resolve.h"
#include "watch/watching.h"

// The path as the server knows it of what lies beneath the watched directory. False when it is too long.
static bool full_path(const struct watching *watching, const char *path, char full[PATH_MAX])
{
  const char *above = watching->path;
  if (*watching->only != 0)
    path = "";
  const char *separator = *above == 0 || *path == 0 ? "" : "/";
  return snprintf(full, PATH_MAX, "%s%s%s", above, separator, path) < PATH_MAX;
}

static uint8_t *put_path(uint8_t *to, const char *path)
{
  size_t length = strlen(path);
  to = wire_put16(to, (uint16_t)length);
  memcpy(to, path, length);
  return to + length;
}

static uint8_t *put_change(struct watching *watching, const struct change *change, uint8_t *to)
{
  char path[PATH_MAX];
  char full[PATH_MAX];
  if (!node_path(change->node, change->name, path) || !full_path(watching, path, full))
    return NULL;
  to = wire_put8(to, (uint8_t)change->kind);
  if (change->kind == CHANGE_DELETED) {
    to = entry_put_gone(to, full, change->is_directory ? 'd' : 'f');
  } else {
    int parent = watching_open(watching, change->node);
    to = parent < 0 ? NULL : entry_put(to, full, parent, change->name);
  }
  return to == NULL ? NULL : put_path(to, "");
}

// With what it is now that it is there, since that is where the server will find it.
static uint8_t *put_moved_entry(const struct watching *watching, const struct move_change *move, const char *from,
                                uint8_t *to)
{
  struct place place;
  int error = resolve_place(watching->base, move->to, false, &place);
  uint8_t *end = error != 0 ? NULL : entry_put(to, from, place.parent, place.name);
  place_close(&place);
  return end != NULL ? end : entry_put_gone(to, from, move->is_directory ? 'd' : 'f');
}

static uint8_t *put_move(const struct watching *watching, const struct move_change *move, uint8_t *to)
{
  char from[PATH_MAX];
  char target[PATH_MAX];
  if (!full_path(watching, move->from, from) || !full_path(watching, move->to, target))
    return NULL;
  if (*move->to == 0)
    return put_path(entry_put_gone(wire_put8(to, CHANGE_DELETED), from, move->is_directory ? 'd' : 'f'), "");
  to = put_moved_entry(watching, move, from, wire_put8(to, 'v'));
  return put_path(to, target);
}

// Appends what has been encoded, if there is room; what has become of nothing takes none.
static bool append(uint8_t *to, size_t *used, size_t room, const uint8_t *encoded, const uint8_t *end)
{
  size_t length = end == NULL ? 0 : (size_t)(end - encoded);
  if (length > room - *used)
    return false;
  memcpy(to + *used, encoded, length);
  *used += length;
  return true;
}

static bool report_moves(struct watching *watching, uint8_t *to, size_t *used, size_t room)
{
  uint8_t encoded[CHANGE_BYTES];
  while (watching->changes.first_move != NULL) {
    const uint8_t *end = put_move(watching, watching->changes.first_move, encoded);
    if (!append(to, used, room, encoded, end))
      return false;
    changes_remove_move(&watching->changes);
  }
  return true;
}

// What is gone although its directory is there, is reported by another event. Waiting is for events that the kernel still
// has queued, so it counts once for each time that all of them have been read.
static bool is_to_wait(const struct watching *watching, struct change *change, const uint8_t *end)
{
  if (end != NULL || errno != ESTALE || !change->node->is_alive || change->misses == MOST_MISSES)
    return false;
  if (change->misses == 0 || change->missed_at != watching->drains)
    change->misses++;
  change->missed_at = watching->drains;
  return true;
}

size_t watching_report(struct watching *watching, uint8_t *to, size_t room, bool *is_complete)
{
  uint8_t encoded[CHANGE_BYTES];
  size_t used = 0;
  *is_complete = report_moves(watching, to, &used, room);
  struct change *change = *is_complete ? watching->changes.first : NULL;
  while (change != NULL && *is_complete) {
    struct change *next = change->next;
    errno = 0;
    const uint8_t *end = put_change(watching, change, encoded);
    bool waits = is_to_wait(watching, change, end);
    if (!waits && append(to, &used, room, encoded, end))
      changes_remove(&watching->changes, change);
    else
      *is_complete = waits;
    change = next;
  }
  return used;
}

size_t watching_report_end(const struct watching *watching, uint8_t *to)
{
  uint8_t *end = entry_put_gone(wire_put8(to, CHANGE_DELETED), watching->path, *watching->only != 0 ? 'f' : 'd');
  return (size_t)(put_path(end, "") - to);
}
