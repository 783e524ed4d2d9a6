// What the kernel's events mean.

#include <errno.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "files/entry.h"
#include "watch/watching.h"

void watching_overflow(struct watching *watching, enum overflow_reason reason)
{
  changes_clear(&watching->changes);
  departures_clear(&watching->departures);
  for (struct node *node = watching->scan_first; node != NULL; node = node->next_to_scan)
    node->is_news = false;
  watching->overflow = reason;
}

void watching_note(struct watching *watching, struct node *node, const char *name, enum change_kind kind,
                   bool is_directory)
{
  if (watching->is_suspended)
    watching->overflow = OVERFLOW_UNREAD;
  else if (!changes_note(&watching->changes, node, name, kind, is_directory))
    watching_overflow(watching, OVERFLOW_UNREAD);
}

static void forget_change(struct watching *watching, const struct node *node, const char *name)
{
  struct change *change = changes_find(&watching->changes, node, name);
  if (change != NULL)
    changes_remove(&watching->changes, change);
}

static void drop_child(struct watching *watching, const struct node *node, const char *name)
{
  struct node *child = node_child(&watching->nodes, node, name);
  if (child != NULL)
    watching_drop(watching, child);
}

static void appear(struct watching *watching, struct node *node, const char *name, bool is_directory)
{
  watching_note(watching, node, name, CHANGE_CREATED, is_directory);
  if (is_directory)
    watching_add(watching, node, name);
}

static void disappear(struct watching *watching, struct node *node, const char *name, bool is_directory)
{
  watching_note(watching, node, name, CHANGE_DELETED, is_directory);
  if (is_directory)
    drop_child(watching, node, name);
}

// What has appeared only since the last report has never been anywhere else for the server; but another program may have seen
// it there.
static void note_move(struct watching *watching, const struct departure *from, struct node *node, const char *name,
                      bool is_certain)
{
  const struct change *before = changes_find(&watching->changes, from->node, from->name);
  char old_path[PATH_MAX];
  char new_path[PATH_MAX];
  if (before != NULL && before->kind == CHANGE_CREATED) {
    watching_note(watching, from->node, from->name, CHANGE_DELETED, from->is_directory);
    watching_note(watching, node, name, CHANGE_CREATED, from->is_directory);
    return;
  }
  forget_change(watching, from->node, from->name);
  forget_change(watching, node, name);
  if (watching->is_suspended)
    watching->overflow = OVERFLOW_UNREAD;
  else if (!node_path(from->node, from->name, old_path) || !node_path(node, name, new_path) ||
           !changes_note_move(&watching->changes, old_path, is_certain ? new_path : "", from->is_directory))
    watching_overflow(watching, OVERFLOW_UNREAD);
  // What the server has been told beneath the old name may be of the one that has it by now.
  if (!is_certain)
    watching_note(watching, node, name, CHANGE_CREATED, from->is_directory);
}

// By the time the event of a move comes, another directory may have the name that this one had, and be watched in its stead.
static void move_directory(struct watching *watching, const struct departure *from, struct node *node,
                           const char *name)
{
  struct node *child = node_child(&watching->nodes, from->node, from->name);
  bool is_moved =
    child != NULL && !names_have(&watching->excluded, name) && watching_is_at(watching, child, node, name);
  note_move(watching, from, node, name, child == NULL || is_moved || names_have(&watching->excluded, name));
  const struct node *before = node_child(&watching->nodes, node, name);
  if (is_moved && before != child)
    drop_child(watching, node, name);
  if (is_moved) {
    watching_move(watching, child, node, name);
    return;
  }
  if (child != NULL)
    watching_drop(watching, child);
  watching_add(watching, node, name);
}

static void arrive(struct watching *watching, struct node *node, const struct inotify_event *event)
{
  bool is_directory = event->mask & IN_ISDIR;
  struct departure *from = departure_take(&watching->departures, event->cookie);
  if (from == NULL) {
    appear(watching, node, event->name, is_directory);
    return;
  }
  if (is_directory)
    move_directory(watching, from, node, event->name);
  else
    note_move(watching, from, node, event->name, true);
  departure_free(from);
}

static void settle_departures(struct watching *watching)
{
  struct departure *lost;
  while ((lost = departure_take_lost(&watching->departures, watching->drains)) != NULL) {
    disappear(watching, lost->node, lost->name, lost->is_directory);
    departure_free(lost);
  }
}

static void handle_named(struct watching *watching, struct node *node, const struct inotify_event *event)
{
  bool is_directory = event->mask & IN_ISDIR;
  if (entry_is_hidden(event->name) || (*watching->only != 0 && strcmp(watching->only, event->name) != 0))
    return;
  if (event->mask & IN_MOVED_FROM) {
    if (!departure_note(&watching->departures, node, event->name, event->cookie, is_directory, watching->drains))
      watching_overflow(watching, OVERFLOW_UNREAD);
    settle_departures(watching);
  } else if (event->mask & IN_MOVED_TO) {
    arrive(watching, node, event);
  } else if (event->mask & IN_CREATE) {
    appear(watching, node, event->name, is_directory);
  } else if (event->mask & IN_DELETE) {
    disappear(watching, node, event->name, is_directory);
  } else {
    watching_note(watching, node, event->name, CHANGE_MODIFIED, is_directory);
  }
}

static void handle(struct watching *watching, const struct inotify_event *event)
{
  if (event->mask & IN_Q_OVERFLOW) {
    watching->is_stale = true;
    watching_overflow(watching, OVERFLOW_KERNEL_QUEUE);
    return;
  }
  // Events of a directory that is not watched any more were queued before.
  struct node *node = node_find(&watching->nodes, event->wd);
  if (node == NULL)
    return;
  if (event->len > 0)
    handle_named(watching, node, event);
  else if (node == watching->first && event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED))
    watching->is_over = true;
  else if (event->mask & IN_IGNORED)
    watching_drop(watching, node);
}

static bool read_events(struct watching *watching)
{
  ssize_t got = read(watching->inotify, watching->events, sizeof watching->events);
  watching->events_at = 0;
  watching->events_end = got > 0 ? (size_t)got : 0;
  return got > 0;
}

bool watching_handle_event(struct watching *watching)
{
  if (watching->events_at == watching->events_end && !read_events(watching)) {
    watching->drains++;
    settle_departures(watching);
    return false;
  }
  struct inotify_event event;
  const char *at = watching->events + watching->events_at;
  memcpy(&event, at, sizeof event);
  watching->events_at += sizeof event + event.len;
  handle(watching, (const struct inotify_event *)(const void *)at);
  return true;
}
