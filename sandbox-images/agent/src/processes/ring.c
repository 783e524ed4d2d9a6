#include "processes/ring.h"

static struct piece *piece_at(struct ring *ring, size_t index)
{
  return &ring->pieces[(ring->oldest + index) % RING_PIECES];
}

uint8_t *ring_room(struct ring *ring, size_t *length)
{
  size_t at = ring->end % RING_BYTES;
  *length = RING_BYTES - at;
  return ring->bytes + at;
}

static void drop_oldest(struct ring *ring)
{
  uint64_t end = piece_at(ring, 0)->end;
  if (ring->first < end)
    ring->first = end;
  ring->oldest = (ring->oldest + 1) % RING_PIECES;
  ring->count--;
}

void ring_add(struct ring *ring, uint8_t stream, size_t length)
{
  ring->end += length;
  if (ring->end - ring->first > RING_BYTES)
    ring->first = ring->end - RING_BYTES;
  if (ring->count > 0 && piece_at(ring, ring->count - 1)->stream == stream) {
    piece_at(ring, ring->count - 1)->end = ring->end;
  } else {
    if (ring->count == RING_PIECES)
      drop_oldest(ring);
    *piece_at(ring, ring->count++) = (struct piece){ring->end, stream};
  }
  while (piece_at(ring, 0)->end <= ring->first && ring->count > 1)
    drop_oldest(ring);
}

size_t ring_read(const struct ring *ring, uint64_t position, const uint8_t **bytes, uint8_t *stream)
{
  if (position >= ring->end)
    return 0;
  size_t index = 0;
  while (ring->pieces[(ring->oldest + index) % RING_PIECES].end <= position)
    index++;
  const struct piece *piece = &ring->pieces[(ring->oldest + index) % RING_PIECES];
  size_t at = position % RING_BYTES;
  size_t until_wrap = RING_BYTES - at;
  *bytes = ring->bytes + at;
  *stream = piece->stream;
  return piece->end - position < until_wrap ? (size_t)(piece->end - position) : until_wrap;
}
