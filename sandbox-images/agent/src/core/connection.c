#include "core/connection.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/agent.h"
#include "core/fields.h"
#include "core/wire.h"

#ifndef BUILD
#error "BUILD names the sources this agent was built from"
#endif

#define MAGIC "BRTH"
#define MAGIC_BYTES 4
#define HELLO_BYTES (MAGIC_BYTES + 2)
#define LONGEST_PING 64
// More would be a sum that wraps, not a receiver with that much room.
#define MOST_CREDIT (UINT32_C(1) << 31)

struct frame {
  uint8_t type;
  uint8_t stream;
  uint16_t channel;
  const uint8_t *payload;
  size_t length;
};

void agent_fail(struct agent *agent, enum error_code code, const char *message)
{
  if (!agent->has_failed)
    output_error(&agent->output, 0, code, message);
  agent->has_failed = true;
}

void connection_hello(struct agent *agent)
{
  uint8_t *start = output_begin(&agent->output, FRAME_HELLO, 0, 0);
  memcpy(start, MAGIC, MAGIC_BYTES);
  uint8_t *at = wire_put16(start + MAGIC_BYTES, PROTOCOL_VERSION);
  at = field_put32(at, 1, MAX_CHANNELS);
  at = field_put32(at, 2, (uint32_t)getpid());
  at = field_put_bytes(at, 3, BUILD, strlen(BUILD));
  output_commit(&agent->output, (size_t)(at - start));
}

static void handle_hello(struct agent *agent, const struct frame *frame)
{
  if (frame->channel != 0 || frame->length < HELLO_BYTES || memcmp(frame->payload, MAGIC, MAGIC_BYTES) != 0)
    agent_fail(agent, ERROR_PROTOCOL, "expected HELLO");
  else if (wire_get16(frame->payload + MAGIC_BYTES) != PROTOCOL_VERSION)
    agent_fail(agent, ERROR_VERSION, "this agent speaks version 2");
  else if (frame->length != HELLO_BYTES)
    agent_fail(agent, ERROR_BAD_REQUEST, "unknown field in HELLO");
  agent->is_greeted = true;
}

static void handle_open(struct agent *agent, const struct frame *frame)
{
  uint16_t number = frame->channel;
  if (number == 0 || channel_find(agent, number) != NULL) {
    agent_fail(agent, ERROR_PROTOCOL, "the channel cannot be opened");
    return;
  }
  if (frame->length == 0) {
    output_error(&agent->output, number, ERROR_BAD_REQUEST, "no operation");
    return;
  }
  const struct operation *operation = agent->operations[frame->payload[0]];
  if (operation == NULL) {
    output_error(&agent->output, number, ERROR_BAD_REQUEST, "unknown operation");
    return;
  }
  struct fields fields = {frame->payload + 1, frame->length - 1, 0};
  operation_begin(agent, number, operation, &fields);
}

static void handle_data(struct agent *agent, struct channel *channel, const struct frame *frame)
{
  if (frame->stream != 0 || channel->operation->data == NULL || channel->end_received) {
    agent_fail(agent, ERROR_PROTOCOL, "DATA on a stream that takes none");
    return;
  }
  if (frame->length > channel->receive_credit) {
    agent_fail(agent, ERROR_PROTOCOL, "DATA beyond the credit");
    return;
  }
  channel->receive_credit -= (uint32_t)frame->length;
  channel->operation->data(agent, channel, frame->payload, frame->length);
}

static void handle_end(struct agent *agent, struct channel *channel, const struct frame *frame)
{
  if (frame->stream != 0 || frame->length != 0 || channel->operation->end == NULL || channel->end_received) {
    agent_fail(agent, ERROR_PROTOCOL, "END of a stream that is not open");
    return;
  }
  channel->end_received = true;
  channel->operation->end(agent, channel);
}

static void handle_credit(struct agent *agent, struct channel *channel, const struct frame *frame)
{
  if (frame->length != 4 || frame->stream >= STREAMS || !(channel->operation->outgoing & 1u << frame->stream)) {
    agent_fail(agent, ERROR_PROTOCOL, "CREDIT for a stream that needs none");
    return;
  }
  uint32_t more = wire_get32(frame->payload);
  uint32_t *credit = &channel->send_credit[frame->stream];
  if (more > MOST_CREDIT - *credit) {
    agent_fail(agent, ERROR_PROTOCOL, "CREDIT beyond 2 GiB");
    return;
  }
  *credit += more;
}

static void handle_signal(struct agent *agent, struct channel *channel, const struct frame *frame)
{
  if (frame->length != 1 || frame->payload[0] < 1 || frame->payload[0] > 64 || channel->operation->signal == NULL) {
    agent_fail(agent, ERROR_PROTOCOL, "SIGNAL that cannot be sent");
    return;
  }
  channel->operation->signal(agent, channel, frame->payload[0]);
}

static void handle_cancel(struct agent *agent, struct channel *channel, const struct frame *frame)
{
  if (frame->length != 0)
    agent_fail(agent, ERROR_PROTOCOL, "CANCEL with a payload");
  else if (channel->operation->cancel != NULL)
    channel->operation->cancel(agent, channel);
  else
    channel_error(agent, channel, ERROR_CANCELLED, "cancelled");
}

static void handle_ping(struct agent *agent, const struct frame *frame)
{
  if (frame->channel != 0 || frame->length > LONGEST_PING)
    agent_fail(agent, ERROR_PROTOCOL, "PING out of bounds");
  else
    output_frame(&agent->output, FRAME_PONG, 0, 0, frame->payload, frame->length);
}

static void handle_frame(struct agent *agent, const struct frame *frame)
{
  static void (*const handlers[])(struct agent *, struct channel *, const struct frame *) = {
    [FRAME_DATA] = handle_data,     [FRAME_END] = handle_end,       [FRAME_CREDIT] = handle_credit,
    [FRAME_SIGNAL] = handle_signal, [FRAME_CANCEL] = handle_cancel,
  };
  if (!agent->is_greeted) {
    if (frame->type == FRAME_HELLO)
      handle_hello(agent, frame);
    else
      agent_fail(agent, ERROR_PROTOCOL, "expected HELLO");
  } else if (frame->type == FRAME_OPEN) {
    handle_open(agent, frame);
  } else if (frame->type == FRAME_PING) {
    handle_ping(agent, frame);
  } else if (frame->type < sizeof handlers / sizeof *handlers && handlers[frame->type] != NULL && frame->channel != 0) {
    // A frame for a channel that is not open crossed the channel's last frame on its way.
    struct channel *channel = channel_find(agent, frame->channel);
    if (channel != NULL)
      handlers[frame->type](agent, channel, frame);
  } else {
    agent_fail(agent, ERROR_PROTOCOL, "unexpected frame");
  }
}

void connection_handle(struct agent *agent)
{
  size_t offset = 0;
  while (!agent->has_failed && agent->input_bytes - offset >= HEADER_BYTES && output_has_room(&agent->output)) {
    const uint8_t *at = agent->input + offset;
    size_t length = wire_get32(at + 4);
    if (length > MAX_PAYLOAD) {
      agent_fail(agent, ERROR_PROTOCOL, "a frame is too long");
      break;
    }
    if (agent->input_bytes - offset < HEADER_BYTES + length)
      break;
    struct frame frame = {at[0], at[1], wire_get16(at + 2), at + HEADER_BYTES, length};
    handle_frame(agent, &frame);
    offset += HEADER_BYTES + length;
  }
  if (offset == 0)
    return;
  agent->input_bytes -= offset;
  memmove(agent->input, agent->input + offset, agent->input_bytes);
}

bool connection_read(struct agent *agent, int fd)
{
  size_t space = sizeof agent->input - agent->input_bytes;
  if (space > 0) {
    ssize_t got = read(fd, agent->input + agent->input_bytes, space);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
      return false;
    if (got > 0)
      agent->input_bytes += (size_t)got;
  }
  connection_handle(agent);
  return true;
}
