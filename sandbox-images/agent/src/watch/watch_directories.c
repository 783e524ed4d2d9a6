// Finding and watching directories.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "paths/resolve.h"
#include "watch/watching.h"

#define EVENTS                                                                                                         \
  (IN_CREATE | IN_MODIFY | IN_ATTRIB | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR | IN_EXCL_UNLINK)
#define EVENTS_OF_FIRST (EVENTS | IN_MOVE_SELF | IN_DELETE_SELF)

static bool is_first(const struct watching *watching, int fd)
{
  struct stat file;
  return fstat(fd, &file) == 0 && file.st_dev == watching->device && file.st_ino == watching->inode;
}

bool watching_enter(struct watching *watching, int root)
{
  watching->base = resolve_directory(root, watching->directory);
  if (watching->base >= 0 && is_first(watching, watching->base))
    return true;
  watching_leave(watching);
  return false;
}

static void close_opened(struct watching *watching)
{
  if (watching->opened == NULL)
    return;
  close(watching->opened_fd);
  node_release(watching->opened);
  watching->opened = NULL;
}

void watching_leave(struct watching *watching)
{
  close_opened(watching);
  if (watching->base >= 0)
    close(watching->base);
  watching->base = -1;
}

// By way of a descriptor: a path would be followed to wherever a guest has put a link meanwhile.
static int watch_descriptor(const struct watching *watching, int fd, uint32_t events)
{
  char link[32];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  return inotify_add_watch(watching->inotify, link, events);
}

int watching_begin(struct watching *watching)
{
  watching->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  int number = watching->inotify < 0 ? -1 : watch_descriptor(watching, watching->base, EVENTS_OF_FIRST);
  if (number < 0)
    return errno;
  watching->first = node_add(&watching->nodes, number, NULL, "");
  if (watching->first == NULL)
    return ENOMEM;
  watching->first->inode = watching->inode;
  if (watching->is_recursive)
    watching_scan_later(watching, watching->first, false);
  return 0;
}

static int open_node(const struct watching *watching, const struct node *node)
{
  char path[PATH_MAX];
  struct stat file;
  if (!node_path(node, "", path)) {
    errno = ENAMETOOLONG;
    return -1;
  }
  int fd = resolve_directory(watching->base, path);
  if (fd >= 0 && fstat(fd, &file) == 0 && file.st_ino == node->inode)
    return fd;
  if (fd >= 0)
    close(fd);
  if (fd >= 0 || errno == ENOENT || errno == ENOTDIR || errno == ELOOP)
    errno = ESTALE;
  return -1;
}

int watching_open(struct watching *watching, struct node *node)
{
  if (watching->opened == node)
    return watching->opened_fd;
  int fd = open_node(watching, node);
  if (fd < 0)
    return -1;
  close_opened(watching);
  node_retain(node);
  watching->opened = node;
  watching->opened_fd = fd;
  return fd;
}

void watching_move(struct watching *watching, struct node *node, struct node *parent, const char *name)
{
  if (node_move(&watching->nodes, node, parent, name))
    return;
  watching->is_stale = true;
  watching_overflow(watching, OVERFLOW_KERNEL_QUEUE);
}

// Makes sure that a directory that is open is the node of its name: what is there now counts, and not what events have
// told so far. 0 or an errno.
static int watch_opened(struct watching *watching, struct node *parent, const char *name, int fd, bool is_news)
{
  struct stat file;
  int number = fstat(fd, &file) < 0 ? -1 : watch_descriptor(watching, fd, EVENTS);
  if (number < 0)
    return errno;
  struct node *named = node_child(&watching->nodes, parent, name);
  struct node *node = node_find(&watching->nodes, number);
  if (named != NULL && named != node)
    watching_drop(watching, named);
  if (node != NULL) {
    if (node != named)
      watching_move(watching, node, parent, name);
    return 0;
  }
  node = node_add(&watching->nodes, number, parent, name);
  if (node == NULL)
    return ENOMEM;
  node->inode = file.st_ino;
  watching_scan_later(watching, node, is_news);
  return 0;
}

static int add(struct watching *watching, struct node *parent, int directory, const char *name, bool is_news)
{
  int fd = openat(directory, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  int error = fd < 0 ? errno : watch_opened(watching, parent, name, fd, is_news);
  if (fd >= 0)
    close(fd);
  return error;
}

static bool is_watched(const struct watching *watching, const char *name)
{
  return watching->is_recursive && !names_have(&watching->excluded, name);
}

static void handle_error(struct watching *watching, int error)
{
  // Gone again, or something else by now, which another event reports.
  if (error == 0 || error == ENOENT || error == ENOTDIR || error == ELOOP)
    return;
  if (error == ENOSPC && !watching->is_complete)
    watching->error = error;
  else
    watching_overflow(watching, OVERFLOW_UNWATCHED);
}

void watching_add_from(struct watching *watching, struct node *parent, int directory, const char *name, bool is_news)
{
  if (is_watched(watching, name))
    handle_error(watching, add(watching, parent, directory, name, is_news));
}

void watching_add(struct watching *watching, struct node *parent, const char *name)
{
  if (!is_watched(watching, name))
    return;
  int directory = watching_open(watching, parent);
  if (directory >= 0)
    handle_error(watching, add(watching, parent, directory, name, true));
  else if (errno == ESTALE)
    watching_scan_later(watching, parent, true);
  else
    handle_error(watching, errno);
}

bool watching_is_at(struct watching *watching, const struct node *node, struct node *parent, const char *name)
{
  struct stat file;
  int directory = watching_open(watching, parent);
  return directory >= 0 && fstatat(directory, name, &file, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(file.st_mode) &&
         file.st_ino == node->inode;
}

static void forget(void *context, int number)
{
  const struct watching *watching = context;
  // Fails for a directory that is gone, whose watch went with it.
  inotify_rm_watch(watching->inotify, number);
}

void watching_drop(struct watching *watching, struct node *node)
{
  node_drop(&watching->nodes, node, forget, watching);
}
