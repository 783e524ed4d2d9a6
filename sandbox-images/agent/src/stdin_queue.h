// Input on its way into the program's pipe: never more than the credit the server has.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "protocol.h"

struct stdin_queue {
  size_t start;
  size_t length;
  uint8_t bytes[INITIAL_CREDIT];
};

void stdin_queue_add(struct stdin_queue *queue, const uint8_t *bytes, size_t length);

// Writes what the pipe takes; returns how much that was, or -1 when nobody will ever read it.
long stdin_queue_write(struct stdin_queue *queue, int fd);
