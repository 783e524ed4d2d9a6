#include "net/dial.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/agent.h"
#include "core/byte_queue.h"

enum { TAG_PORT = 1 };

struct dial {
  int fd;
  uint16_t port;
  // Addresses tried so far: 127.0.0.1, then ::1.
  int tries;
  // Of the first try, which says more than that of the second where there is no IPv6.
  int error;
  bool is_connected;
  // The server's END has been passed on.
  bool is_shut;
  // The program reads no more; what it has written still goes out.
  bool is_deaf;
  // The program's end of the stream has been passed on.
  bool has_ended;
  // Last: its pages stay untouched until they are needed.
  struct byte_queue queue;
};

static int start_connecting(struct dial *dial, bool is_v6)
{
  struct sockaddr_in v4 = {
    .sin_family = AF_INET, .sin_port = htons(dial->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(dial->port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  if (dial->fd >= 0)
    close(dial->fd);
  dial->fd = socket(is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (dial->fd < 0)
    return errno;
  int on = 1;
  setsockopt(dial->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const void *address = is_v6 ? (const void *)&v6 : &v4;
  return connect(dial->fd, address, is_v6 ? sizeof v6 : sizeof v4) == 0 || errno == EINPROGRESS ? 0 : errno;
}

// False when there is no address left to try.
static bool try_next_address(struct dial *dial)
{
  while (dial->tries < 2) {
    int error = start_connecting(dial, dial->tries++ > 0);
    if (error == 0)
      return true;
    if (dial->error == 0)
      dial->error = error;
  }
  return false;
}

// A dial of a free port can meet itself, when the kernel picks that very port for our end.
static bool has_met_itself(const struct dial *dial)
{
  struct sockaddr_in6 own = {0};
  socklen_t length = sizeof own;
  // The port lies at the same place in an address of either family.
  return getsockname(dial->fd, (struct sockaddr *)&own, &length) < 0 || own.sin6_port == htons(dial->port);
}

static int connection_error(const struct dial *dial)
{
  int error = 0;
  socklen_t length = sizeof error;
  if (getsockopt(dial->fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0)
    return errno;
  return error == 0 && has_met_itself(dial) ? ECONNREFUSED : error;
}

static void refuse(struct agent *agent, struct channel *channel)
{
  const struct dial *dial = channel->state;
  channel_error(agent, channel, dial->error == ECONNREFUSED ? ERROR_REFUSED : ERROR_IO, strerror(dial->error));
}

static void finish_if_done(struct agent *agent, struct channel *channel)
{
  struct dial *dial = channel->state;
  if (dial->has_ended && (dial->is_shut || dial->is_deaf))
    channel_result(agent, channel, NULL, 0);
}

static void push(struct agent *agent, struct channel *channel)
{
  struct dial *dial = channel->state;
  long written = byte_queue_write(&dial->queue, dial->fd);
  if (written < 0) {
    written = (long)dial->queue.length;
    dial->queue.length = 0;
    dial->is_deaf = true;
  }
  channel_consumed(agent, channel, (size_t)written);
  if (channel->end_received && dial->queue.length == 0 && !dial->is_shut) {
    shutdown(dial->fd, SHUT_WR);
    dial->is_shut = true;
  }
}

static size_t wanted(const struct agent *agent, const struct channel *channel)
{
  size_t room = output_data_room(&agent->output);
  return room < channel->send_credit[0] ? room : channel->send_credit[0];
}

// False when the connection has failed and the channel is gone.
static bool pull(struct agent *agent, struct channel *channel)
{
  struct dial *dial = channel->state;
  size_t length = wanted(agent, channel);
  if (length == 0)
    return true;
  uint8_t *payload = output_begin(&agent->output, FRAME_DATA, channel->number, 0);
  ssize_t got = read(dial->fd, payload, length);
  if (got < 0 && (errno == EAGAIN || errno == EINTR))
    return true;
  if (got < 0) {
    channel_error(agent, channel, ERROR_IO, strerror(errno));
    return false;
  }
  if (got == 0) {
    output_frame(&agent->output, FRAME_END, channel->number, 0, NULL, 0);
    dial->has_ended = true;
    return true;
  }
  output_commit(&agent->output, (size_t)got);
  channel->send_credit[0] -= (uint32_t)got;
  return true;
}

static void connected(struct agent *agent, struct channel *channel)
{
  struct dial *dial = channel->state;
  dial->is_connected = true;
  uint8_t event = EVENT_CONNECTED;
  output_frame(&agent->output, FRAME_EVENT, channel->number, 0, &event, sizeof event);
  push(agent, channel);
}

static void finish_connecting(struct agent *agent, struct channel *channel)
{
  struct dial *dial = channel->state;
  int error = connection_error(dial);
  if (error == 0) {
    connected(agent, channel);
    return;
  }
  if (dial->error == 0)
    dial->error = error;
  if (!try_next_address(dial))
    refuse(agent, channel);
}

static struct pollfd on_watch(const struct agent *agent, const struct channel *channel)
{
  const struct dial *dial = channel->state;
  struct pollfd watched = {.fd = dial->fd};
  if (!dial->is_connected || dial->queue.length > 0)
    watched.events |= POLLOUT;
  if (dial->is_connected && !dial->has_ended && wanted(agent, channel) > 0)
    watched.events |= POLLIN;
  // A connection that has broken down would be reported again and again, wanted or not.
  if (watched.events == 0)
    watched.fd = -1;
  return watched;
}

static void on_ready(struct agent *agent, struct channel *channel)
{
  struct dial *dial = channel->state;
  if (!dial->is_connected) {
    finish_connecting(agent, channel);
    return;
  }
  if (!dial->is_deaf)
    push(agent, channel);
  if (dial->has_ended || pull(agent, channel))
    finish_if_done(agent, channel);
}

static void on_data(struct agent *agent, struct channel *channel, const uint8_t *bytes, size_t length)
{
  struct dial *dial = channel->state;
  if (dial->is_deaf) {
    channel_consumed(agent, channel, length);
    return;
  }
  byte_queue_add(&dial->queue, bytes, length);
  if (dial->is_connected)
    push(agent, channel);
}

static void on_end(struct agent *agent, struct channel *channel)
{
  struct dial *dial = channel->state;
  if (!dial->is_connected)
    return;
  push(agent, channel);
  finish_if_done(agent, channel);
}

static void on_cancel(struct agent *agent, struct channel *channel)
{
  channel_error(agent, channel, ERROR_CANCELLED, "cancelled");
}

static void on_drop(struct agent *agent, struct channel *channel)
{
  (void)agent;
  struct dial *dial = channel->state;
  if (dial->fd >= 0)
    close(dial->fd);
  free(dial);
}

static const struct operation dial_operation = {
  .outgoing = 1u << 0,
  .data = on_data,
  .end = on_end,
  .cancel = on_cancel,
  .watch = on_watch,
  .ready = on_ready,
  .drop = on_drop,
};

static bool read_fields(uint16_t *port, struct fields *fields)
{
  struct field field;
  enum field_status status;
  uint32_t value = 0;
  while ((status = fields_next(fields, &field)) == FIELD_OK) {
    if (!field_is_first(fields, &field) || field.tag != TAG_PORT || !field_u32(&field, &value))
      return false;
  }
  *port = (uint16_t)value;
  return status == FIELD_END && value >= 1 && value <= UINT16_MAX;
}

void dial_open(struct agent *agent, uint16_t number, struct fields *fields)
{
  uint16_t port;
  if (!read_fields(&port, fields)) {
    output_error(&agent->output, number, ERROR_BAD_REQUEST, "not the fields of a dial");
    return;
  }
  struct dial *dial = channel_has_room(agent) ? calloc(1, sizeof *dial) : NULL;
  if (dial == NULL) {
    output_error(&agent->output, number, ERROR_BUSY, "too many channels");
    return;
  }
  dial->fd = -1;
  dial->port = port;
  struct channel *channel = channel_open(agent, number, &dial_operation, dial);
  if (!try_next_address(dial))
    refuse(agent, channel);
}
