// Channels and their credits.
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/output.h"
#include "core/protocol.h"

#define MAX_CHANNELS 64

struct agent;
struct channel;

// What an operation does when its channel hears something. All but `drop` may be absent.
struct operation {
  // Streams towards the server, one bit each; only these may be credited.
  uint8_t outgoing;
  void (*data)(struct agent *agent, struct channel *channel, const uint8_t *bytes, size_t length);
  void (*end)(struct agent *agent, struct channel *channel);
  void (*signal)(struct agent *agent, struct channel *channel, int signal);
  void (*cancel)(struct agent *agent, struct channel *channel);
  // Does a bounded piece of work; returns whether there is more that needs no event to go on.
  bool (*pump)(struct agent *agent, struct channel *channel);
  // The descriptor to watch and for what; without a descriptor (-1) there is nothing to wait for.
  struct pollfd (*watch)(const struct agent *agent, const struct channel *channel);
  // Acts upon what the watch has seen; called only while the output has room for small frames.
  void (*ready)(struct agent *agent, struct channel *channel);
  // Lets go of everything, quietly: the channel or the connection is over.
  void (*drop)(struct agent *agent, struct channel *channel);
};

struct channel {
  // Absent: the slot is free.
  const struct operation *operation;
  void *state;
  uint16_t number;
  bool end_received;
  uint32_t receive_credit;
  uint32_t owed_credit;
  uint32_t send_credit[STREAMS];
};

struct channel *channel_find(struct agent *agent, uint16_t number);

bool channel_has_room(const struct agent *agent);

// There must be room.
struct channel *channel_open(struct agent *agent, uint16_t number, const struct operation *operation, void *state);

// Gives credit back for bytes that are done with. Small amounts are saved up to spare frames: what is not given
// back yet is at most a quarter of the credit, so that the server can always go on.
void channel_consumed(struct agent *agent, struct channel *channel, size_t bytes);

void channel_result(struct agent *agent, struct channel *channel, const uint8_t *fields, size_t length);
void channel_error(struct agent *agent, struct channel *channel, enum error_code code, const char *message);

void channel_drop_all(struct agent *agent);
