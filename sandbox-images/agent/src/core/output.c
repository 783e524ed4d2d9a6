#include "core/output.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/wire.h"

#define LEAST_DATA 4096
#define LONGEST_MESSAGE 512

size_t output_bytes(const struct output *output)
{
  return output->tail - output->head;
}

static size_t room(const struct output *output)
{
  return sizeof output->bytes - output_bytes(output);
}

uint8_t *output_begin(struct output *output, enum frame_type type, uint16_t channel, uint8_t stream)
{
  if (output->head > 0) {
    memmove(output->bytes, output->bytes + output->head, output->tail - output->head);
    output->tail -= output->head;
    output->head = 0;
  }
  uint8_t *at = output->bytes + output->tail;
  at = wire_put8(at, (uint8_t)type);
  at = wire_put8(at, stream);
  at = wire_put16(at, channel);
  return wire_put32(at, 0);
}

void output_commit(struct output *output, size_t payload_bytes)
{
  wire_put32(output->bytes + output->tail + 4, (uint32_t)payload_bytes);
  output->tail += HEADER_BYTES + payload_bytes;
}

void output_frame(struct output *output, enum frame_type type, uint16_t channel, uint8_t stream, const void *payload,
                  size_t length)
{
  uint8_t *at = output_begin(output, type, channel, stream);
  if (length > 0)
    memcpy(at, payload, length);
  output_commit(output, length);
}

void output_error(struct output *output, uint16_t channel, enum error_code code, const char *message)
{
  uint8_t *payload = output_begin(output, FRAME_ERROR, channel, 0);
  uint8_t *text = wire_put16(payload, (uint16_t)code);
  size_t length = strnlen(message, LONGEST_MESSAGE);
  memcpy(text, message, length);
  output_commit(output, 2 + length);
}

void output_credit(struct output *output, uint16_t channel, uint32_t bytes)
{
  wire_put32(output_begin(output, FRAME_CREDIT, channel, 0), bytes);
  output_commit(output, 4);
}

size_t output_data_room(const struct output *output)
{
  size_t free = room(output);
  if (free < OUTPUT_RESERVE + HEADER_BYTES + LEAST_DATA)
    return 0;
  free -= OUTPUT_RESERVE + HEADER_BYTES;
  return free < MAX_PAYLOAD ? free : MAX_PAYLOAD;
}

bool output_has_room(const struct output *output)
{
  return room(output) >= OUTPUT_RESERVE / 2;
}

bool output_pending(const struct output *output)
{
  return output_bytes(output) > 0;
}

enum output_status output_flush(struct output *output, int fd)
{
  while (output_pending(output)) {
    ssize_t written = write(fd, output->bytes + output->head, output->tail - output->head);
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return errno == EAGAIN ? OUTPUT_OPEN : OUTPUT_CLOSED;
    output->head += (size_t)written;
  }
  output->head = 0;
  output->tail = 0;
  return OUTPUT_OPEN;
}
