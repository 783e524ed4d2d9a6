// Bytes on their way into a pipe or a socket: never more than the credit the server has.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/protocol.h"

struct byte_queue {
  size_t start;
  size_t length;
  uint8_t bytes[INITIAL_CREDIT];
};

void byte_queue_add(struct byte_queue *queue, const uint8_t *bytes, size_t length);

// Writes what the descriptor takes; returns how much that was, or -1 when it will never be read.
long byte_queue_write(struct byte_queue *queue, int fd);
