// PORTS: what the programs listen on.

#include <string.h>

#include "core/agent.h"
#include "core/wire.h"
#include "net/listeners.h"
#include "net/operations.h"

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

static int begin(struct agent *agent, struct channel *channel)
{
  struct listeners listeners;
  uint8_t result[16];
  listeners_find(&listeners);
  listeners_name(&listeners);
  uint8_t *payload = channel_begin_data(agent, channel);
  uint8_t *at = payload;
  for (size_t i = 0; i < listeners.count; i++)
    at = put_entry(at, &listeners.list[i]);
  channel_commit_data(agent, channel, (size_t)(at - payload));
  channel_end_stream(agent, channel);
  channel_result(agent, channel, result, field_put8(result, 1, listeners.has_more));
  return 0;
}

const struct operation ports_operation = {.name = "PORTS", .is_immediate = true, .begin = begin};
