#include "net/ports.h"

#include <string.h>

#include "core/agent.h"
#include "core/wire.h"
#include "net/listeners.h"

#define ENTRY_BYTES (2 + 1 + 1 + LONGEST_PROCESS)

// All entries together are a small frame, which always finds room.
_Static_assert(MAX_LISTENERS *ENTRY_BYTES + 64 < OUTPUT_RESERVE / 2, "the answer must fit in the reserve");

static uint8_t *put_entry(uint8_t *at, const struct listener *listener)
{
  size_t length = strlen(listener->process);
  at = wire_put16(at, listener->port);
  at = wire_put8(at, listener->is_loopback_only);
  at = wire_put8(at, (uint8_t)length);
  memcpy(at, listener->process, length);
  return at + length;
}

void ports_open(struct agent *agent, uint16_t number, struct fields *fields)
{
  if (fields->left > 0) {
    output_error(&agent->output, number, ERROR_BAD_REQUEST, "ports has no fields");
    return;
  }
  struct listeners listeners;
  listeners_find(&listeners);
  listeners_name(&listeners);
  if (listeners.count > 0) {
    uint8_t *payload = output_begin(&agent->output, FRAME_DATA, number, 0);
    uint8_t *at = payload;
    for (size_t i = 0; i < listeners.count; i++)
      at = put_entry(at, &listeners.list[i]);
    output_commit(&agent->output, (size_t)(at - payload));
  }
  output_frame(&agent->output, FRAME_END, number, 0, NULL, 0);
  uint8_t result[16];
  uint8_t *end = field_put8(result, 1, listeners.has_more);
  output_frame(&agent->output, FRAME_RESULT, number, 0, result, (size_t)(end - result));
}
