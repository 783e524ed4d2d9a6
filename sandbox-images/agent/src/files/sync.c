#include "files/sync.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/agent.h"
#include "files/file_answer.h"
#include "files/flush.h"

struct sync {
  int fd;
  struct flush flush;
};

static void finish(struct agent *agent, struct channel *channel)
{
  struct sync *sync = channel->state;
  int error = flush_end(&sync->flush);
  if (error != 0)
    file_fail(agent, channel, error);
  else
    channel_result(agent, channel, NULL, 0);
}

// The disk goes on with what it was told, and so does the operation.
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

static void on_drop(struct agent *agent, struct channel *channel)
{
  (void)agent;
  struct sync *sync = channel->state;
  flush_end(&sync->flush);
  close(sync->fd);
  free(sync);
}

static const struct operation sync_operation = {
  .cancel = on_cancel,
  .watch = on_watch,
  .ready = finish,
  .drop = on_drop,
};

static void begin(struct agent *agent, uint16_t number, struct sync *sync)
{
  struct channel *channel = channel_open(agent, number, &sync_operation, sync);
  flush_start(&sync->flush, sync->fd, syncfs);
  if (sync->flush.event < 0)
    finish(agent, channel);
}

void sync_open(struct agent *agent, uint16_t number, struct fields *fields)
{
  if (fields->left > 0) {
    output_error(&agent->output, number, ERROR_BAD_REQUEST, "sync has no fields");
    return;
  }
  struct sync *sync = channel_has_room(agent) ? calloc(1, sizeof *sync) : NULL;
  if (sync == NULL) {
    output_error(&agent->output, number, ERROR_BUSY, "too many channels");
    return;
  }
  sync->fd = openat(agent->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (sync->fd < 0) {
    file_refuse(agent, number, errno);
    free(sync);
    return;
  }
  begin(agent, number, sync);
}
