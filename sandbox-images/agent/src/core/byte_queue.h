// Input on its way into the program's pipe: never more than the credit the server has.
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

// Writes what the pipe takes; returns how much that was, or -1 when nobody will ever read it.
long byte_queue_write(struct byte_queue *queue, int fd);
