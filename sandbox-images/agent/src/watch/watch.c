#include "watch/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "core/agent.h"
#include "core/request.h"
#include "paths/resolve.h"
#include "watch/watching.h"

#define LIMIT_MESSAGE "the host's limit on watches is reached (fs.inotify.max_user_watches)"
#define INSTANCE_MESSAGE "the host's limit on watchers is reached (fs.inotify.max_user_instances)"

enum { TAG_PATH = 1, TAG_RECURSIVE, TAG_EXCLUDE = 5 };

static void close_kernel_side(struct watching *watching)
{
  watching_end_scans(watching);
  if (watching->first != NULL)
    node_drop(&watching->nodes, watching->first, NULL, NULL);
  watching->first = NULL;
  watching->events_at = watching->events_end = 0;
  if (watching->inotify >= 0)
    close(watching->inotify);
  watching->inotify = -1;
}

static void release(struct agent *agent, void *state)
{
  (void)agent;
  struct watching *watching = state;
  changes_clear(&watching->changes);
  departures_clear(&watching->departures);
  watching_leave(watching);
  close_kernel_side(watching);
  if (watching->timer >= 0)
    close(watching->timer);
  names_free(&watching->excluded);
}

// Which directories have come, gone or moved while the queue was full, is unknown: from the beginning.
bool watching_start_over(struct watching *watching)
{
  close_kernel_side(watching);
  changes_clear(&watching->changes);
  departures_clear(&watching->departures);
  watching->is_stale = false;
  watching->is_starting_over = true;
  watching->error = watching_begin(watching);
  return watching->error == 0;
}

void watching_fail(struct agent *agent, struct channel *channel)
{
  int error = ((const struct watching *)channel->state)->error;
  if (error == ENOSPC)
    channel_error(agent, channel, ERROR_WATCH_LIMIT, LIMIT_MESSAGE);
  else if (error == EMFILE)
    channel_error(agent, channel, ERROR_WATCH_LIMIT, INSTANCE_MESSAGE);
  else
    channel_fail(agent, channel, error);
}

static bool read_request(void *state, struct fields *fields)
{
  struct watching *watching = state;
  watching->base = watching->inotify = watching->timer = -1;
  watching->phase = WATCH_BUSY;
  const struct parameter parameters[] = {{TAG_PATH, VALUE_PATH, watching->path},
                                         {TAG_RECURSIVE, VALUE_FLAG, &watching->is_recursive},
                                         {TAG_EXCLUDE, VALUE_NAMES, &watching->excluded}};
  return request_read(fields, parameters, COUNT(parameters));
}

// A file is watched by way of its directory, since many a program saves by putting another file in its place.
static int find_file(struct watching *watching, int root)
{
  struct place place;
  struct stat file;
  int error = resolve_place(root, watching->path, false, &place);
  if (error != 0)
    return error;
  if (fstatat(place.parent, place.name, &file, AT_SYMLINK_NOFOLLOW) < 0)
    error = errno;
  memcpy(watching->only, place.name, sizeof watching->only);
  const char *slash = strrchr(watching->path, '/');
  memcpy(watching->directory, watching->path, slash == NULL ? 0 : (size_t)(slash - watching->path));
  watching->is_recursive = false;
  place_close(&place);
  return error;
}

static int find(struct watching *watching, int root)
{
  int error = 0;
  int fd = resolve_directory(root, watching->path);
  if (fd >= 0)
    memcpy(watching->directory, watching->path, sizeof watching->directory);
  else if (errno == ENOTDIR && (error = find_file(watching, root)) == 0)
    fd = resolve_directory(root, watching->directory);
  struct stat file;
  if (fd < 0 || fstat(fd, &file) < 0)
    return error != 0 ? error : errno;
  watching->device = file.st_dev;
  watching->inode = file.st_ino;
  watching->base = fd;
  return 0;
}

static int begin_watching(struct watching *watching, int root)
{
  watching->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  int error = watching->timer < 0 ? errno : find(watching, root);
  return error != 0 ? error : watching_begin(watching);
}

static int begin(struct agent *agent, struct channel *channel)
{
  struct watching *watching = channel->state;
  watching->error = begin_watching(watching, agent->root);
  watching_leave(watching);
  if (watching->error != 0)
    watching_fail(agent, channel);
  return 0;
}

const struct operation watch_operation = {
  .name = "WATCH",
  .state_bytes = sizeof(struct watching),
  .outgoing = 1u << 0,
  .read = read_request,
  .begin = begin,
  .pump = watching_pump,
  .watch = watching_watch,
  .ready = watching_ready,
  .release = release,
};
