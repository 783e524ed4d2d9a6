// SYNC: waits until everything has reached the disk.

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/agent.h"
#include "files/flush.h"
#include "files/operations.h"

struct sync {
  int fd;
  struct flush flush;
};

static void finish(struct agent *agent, struct channel *channel)
{
  struct sync *sync = channel->state;
  int error = flush_end(&sync->flush);
  if (error != 0)
    channel_fail(agent, channel, error);
  else
    channel_result(agent, channel, NULL, NULL);
}

// The disk cannot be stopped, and neither can the operation.
static void on_cancel(struct agent *agent, struct channel *channel)
{
  (void)agent;
  (void)channel;
}

static struct pollfd on_watch(const struct agent *agent, const struct channel *channel)
{
  (void)agent;
  const struct sync *sync = channel->state;
  return (struct pollfd){.fd = sync->flush.event, .events = POLLIN};
}

static void release(struct agent *agent, void *state)
{
  (void)agent;
  struct sync *sync = state;
  flush_end(&sync->flush);
  if (sync->fd >= 0)
    close(sync->fd);
}

static bool read_request(void *state, struct fields *fields)
{
  struct sync *sync = state;
  sync->fd = -1;
  sync->flush.event = -1;
  return fields->left == 0;
}

static int begin(struct agent *agent, struct channel *channel)
{
  struct sync *sync = channel->state;
  sync->fd = openat(agent->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (sync->fd < 0)
    return errno;
  flush_start(&sync->flush, sync->fd, syncfs);
  if (sync->flush.event < 0)
    finish(agent, channel);
  return 0;
}

const struct operation sync_operation = {
  .name = "SYNC",
  .state_bytes = sizeof(struct sync),
  .read = read_request,
  .begin = begin,
  .cancel = on_cancel,
  .watch = on_watch,
  .ready = finish,
  .release = release,
};
