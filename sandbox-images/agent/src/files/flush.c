#include "files/flush.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void *run(void *argument)
{
  struct flush *flush = argument;
  flush->error = flush->how(flush->fd) < 0 ? errno : 0;
  if (flush->event >= 0)
    eventfd_write(flush->event, 1);
  return NULL;
}

void flush_start(struct flush *flush, int fd, int (*how)(int fd))
{
  *flush = (struct flush){.event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), .fd = fd, .how = how};
  flush->has_thread = flush->event >= 0 && pthread_create(&flush->thread, NULL, run, flush) == 0;
  if (flush->has_thread)
    return;
  // A guest can use up descriptors and processes. Then all operations wait.
  if (flush->event >= 0)
    close(flush->event);
  flush->event = -1;
  run(flush);
}

int flush_end(struct flush *flush)
{
  if (flush->has_thread) {
    pthread_join(flush->thread, NULL);
    close(flush->event);
  }
  *flush = (struct flush){.event = -1, .error = flush->error};
  return flush->error;
}
