// PORTS: what the programs listen on.

#include <string.h>

#include "core/agent.h"
#include "core/request.h"
#include "core/wire.h"
#include "net/listeners.h"
#include "net/operations.h"

#define ENTRY_BYTES (2 + 1 + 1 + LONGEST_PROCESS + 4)

enum { TAG_WITH_PIDS = 1 };

struct ports {
  bool has_pids;
};

// All entries together are a small frame, which always finds room.
_Static_assert(MAX_LISTENERS *ENTRY_BYTES + 64 < OUTPUT_RESERVE / 2, "the answer must fit in the reserve");

static uint8_t *put_entry(uint8_t *at, const struct listener *listener, bool has_pids)
{
  size_t length = strlen(listener->process);
  at = wire_put16(at, listener->port);
  at = wire_put8(at, listener->is_loopback_only);
  at = wire_put8(at, (uint8_t)length);
  memcpy(at, listener->process, length);
  at += length;
  return has_pids ? wire_put32(at, listener->pid) : at;
}

static bool read_request(void *state, struct fields *fields)
{
  struct ports *ports = state;
  const struct parameter parameters[] = {{TAG_WITH_PIDS, VALUE_FLAG, &ports->has_pids}};
  return request_read(fields, parameters, COUNT(parameters));
}

static int begin(struct agent *agent, struct channel *channel)
{
  const struct ports *ports = channel->state;
  struct listeners listeners;
  uint8_t result[16];
  listeners_find(&listeners);
  listeners_name(&listeners);
  uint8_t *payload = channel_begin_data(agent, channel);
  uint8_t *at = payload;
  for (size_t i = 0; i < listeners.count; i++)
    at = put_entry(at, &listeners.list[i], ports->has_pids);
  channel_commit_data(agent, channel, (size_t)(at - payload));
  channel_end_stream(agent, channel);
  channel_result(agent, channel, result, field_put8(result, 1, listeners.has_more));
  return 0;
}

const struct operation ports_operation = {
  .name = "PORTS",
  .state_bytes = sizeof(struct ports),
  .is_immediate = true,
  .read = read_request,
  .begin = begin,
};
