// Channels, their credits and the frames that go out on them.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/operation.h"
#include "core/protocol.h"

#define MAX_CHANNELS 64

struct agent;

struct channel {
  // Absent: the channel is not open.
  const struct operation *operation;
  void *state;
  uint16_t number;
  bool end_received;
  uint32_t receive_credit;
  uint32_t owed_credit;
  uint32_t send_credit[STREAMS];
};

struct channel *channel_find(struct agent *agent, uint16_t number);

// One that is not open, or NULL.
struct channel *channel_free(struct agent *agent);

// Returns credit for bytes that are done with. Small amounts are saved up to spare frames: what is not returned yet is
// at most a quarter of the credit, so that the server can always go on.
void channel_consumed(struct agent *agent, struct channel *channel, size_t bytes);

// Most bytes that a DATA frame of stream 0 may have now, as the output and the credit allow.
size_t channel_data_room(const struct agent *agent, const struct channel *channel);

// Where the bytes of such a frame go, and how many there are: none sends no frame.
uint8_t *channel_begin_data(struct agent *agent, const struct channel *channel);
void channel_commit_data(struct agent *agent, struct channel *channel, size_t bytes);

// EVENT without fields.
void channel_event(struct agent *agent, const struct channel *channel, enum event_kind event);

// END of stream 0.
void channel_end_stream(struct agent *agent, const struct channel *channel);

// The last frame of the channel, which is closed with it: RESULT with the fields up to `end`, or ERROR.
void channel_result(struct agent *agent, struct channel *channel, const uint8_t *fields, const uint8_t *end);
void channel_error(struct agent *agent, struct channel *channel, enum error_code code, const char *message);

// ERROR for an errno of a file operation.
void channel_fail(struct agent *agent, struct channel *channel, int error);
enum error_code error_code_of(int error);

// The same of work on what lies in a directory: not the path that was asked for was too long, but one within.
void channel_fail_in_tree(struct agent *agent, struct channel *channel, int error);
enum error_code tree_error_code_of(int error);

void channel_close_all(struct agent *agent);
