#include "core/byte_queue.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static size_t until_wrap(size_t start, size_t length)
{
  return length < INITIAL_CREDIT - start ? length : INITIAL_CREDIT - start;
}

void byte_queue_add(struct byte_queue *queue, const uint8_t *bytes, size_t length)
{
  size_t end = (queue->start + queue->length) % INITIAL_CREDIT;
  size_t first = until_wrap(end, length);
  memcpy(queue->bytes + end, bytes, first);
  memcpy(queue->bytes, bytes + first, length - first);
  queue->length += length;
}

long byte_queue_write(struct byte_queue *queue, int fd)
{
  long total = 0;
  while (queue->length > 0) {
    ssize_t written = write(fd, queue->bytes + queue->start, until_wrap(queue->start, queue->length));
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return errno == EAGAIN ? total : -1;
    queue->length -= (size_t)written;
    // An empty queue starts over, so that small inputs keep touching the same page.
    queue->start = queue->length > 0 ? (queue->start + (size_t)written) % INITIAL_CREDIT : 0;
    total += written;
  }
  return total;
}
