// What a server may open a channel for: how an operation begins, and what it does when its channel receives something.
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fields.h"

struct agent;
struct channel;

struct operation {
  // As PROTOCOL.md has it, for messages.
  const char *name;
  // Of the zeroed memory that is the channel's `state`; freed after `release`.
  size_t state_bytes;
  // Done when `begin` returns: it takes none of the channels.
  bool is_immediate;
  // Streams towards the server, one bit each; only these may be credited.
  uint8_t outgoing;

  // Reads the request into the state, and makes it one that can be released, also when it is refused. Absent: there are
  // no fields, and nothing to release before `begin`.
  bool (*read)(void *state, struct fields *fields);
  // Returns 0 or an errno to refuse it with, and may itself send the last frame of the channel.
  int (*begin)(struct agent *agent, struct channel *channel);

  // All of the following may be absent. Without the first two no DATA may come, without `signal` no SIGNAL.
  void (*data)(struct agent *agent, struct channel *channel, const uint8_t *bytes, size_t length);
  void (*end)(struct agent *agent, struct channel *channel);
  void (*signal)(struct agent *agent, struct channel *channel, int signal);
  // Without it CANCEL is answered by ERROR CANCELLED at once.
  void (*cancel)(struct agent *agent, struct channel *channel);
  // Does a bounded piece of work, called only while the output has room for small frames; returns whether there is more
  // that needs no event to go on.
  bool (*pump)(struct agent *agent, struct channel *channel);
  // The descriptor to watch and for what; without a descriptor (-1) there is nothing to wait for.
  struct pollfd (*watch)(const struct agent *agent, const struct channel *channel);
  // Acts upon what the watch has seen; called only while the output has room for small frames.
  void (*ready)(struct agent *agent, struct channel *channel);
  // Releases what the state holds, quietly: the channel or the connection is over.
  void (*release)(struct agent *agent, void *state);
};

// Opens a channel and begins the operation, or sends ERROR.
void operation_begin(struct agent *agent, uint16_t number, const struct operation *operation, struct fields *fields);
