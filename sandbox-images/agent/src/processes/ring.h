// The last of what a process has printed, on both streams in the order in which it was read. Positions count bytes from
// its start.
#pragma once

#include <stddef.h>
#include <stdint.h>

#define RING_BYTES 1048576
// Of changes between the streams: whoever changes more often is remembered for less.
#define RING_PIECES 1024

struct piece {
  uint64_t end;
  uint8_t stream;
};

struct ring {
  uint64_t first;
  uint64_t end;
  size_t oldest;
  size_t count;
  struct piece pieces[RING_PIECES];
  // Last: its pages stay untouched until they are needed.
  uint8_t bytes[RING_BYTES];
};

// Where the next bytes go, and how many may be put there at once.
uint8_t *ring_room(struct ring *ring, size_t *length);
void ring_add(struct ring *ring, uint8_t stream, size_t length);

// What is at a position that the ring still has: how much lies there in one piece, at least 1 before the end.
size_t ring_read(const struct ring *ring, uint64_t position, const uint8_t **bytes, uint8_t *stream);
