// DIAL: a connection to a TCP port of the sandbox.

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/agent.h"
#include "core/byte_queue.h"
#include "core/request.h"
#include "net/operations.h"

enum { TAG_PORT = 1 };

struct dial {
  int fd;
  uint32_t port;
  // Addresses tried so far: 127.0.0.1, then ::1.
  int tries;
  // Of the first try, which is more useful than that of the second where there is no IPv6.
  int error;
  bool is_connected;
  // The server's END has been passed on.
  bool is_shut;
  // The program reads no more; what it has written still goes out.
  bool has_stopped_reading;
  // The program's end of the stream has been passed on.
  bool has_ended;
  // Last: its pages stay untouched until they are needed.
  struct byte_queue queue;
};

static int start_connecting(struct dial *dial, bool is_v6)
{
  struct sockaddr_in v4 = {
    .sin_family = AF_INET, .sin_port = htons((uint16_t)dial->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)dial->port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
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
  // The port lies at the same offset in an address of either family.
  return getsockname(dial->fd, (struct sockaddr *)&own, &length) < 0 || own.sin6_port == htons((uint16_t)dial->port);
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
  if (dial->has_ended && (dial->is_shut || dial->has_stopped_reading))
    channel_result(agent, channel, NULL, NULL);
}

static void push(struct agent *agent, struct channel *channel)
{
  struct dial *dial = channel->state;
  long written = byte_queue_write(&dial->queue, dial->fd);
  if (written < 0) {
    written = (long)dial->queue.length;
    dial->queue.length = 0;
    dial->has_stopped_reading = true;
  }
  channel_consumed(agent, channel, (size_t)written);
  if (channel->end_received && dial->queue.length == 0 && !dial->is_shut) {
    shutdown(dial->fd, SHUT_WR);
    dial->is_shut = true;
  }
}

// False when the connection has failed and the channel is gone.
static bool pull(struct agent *agent, struct channel *channel)
{
  struct dial *dial = channel->state;
  size_t length = channel_data_room(agent, channel);
  if (length == 0)
    return true;
  ssize_t got = read(dial->fd, channel_begin_data(agent, channel), length);
  if (got < 0 && (errno == EAGAIN || errno == EINTR))
    return true;
  if (got < 0) {
    channel_error(agent, channel, ERROR_IO, strerror(errno));
    return false;
  }
  if (got == 0) {
    channel_end_stream(agent, channel);
    dial->has_ended = true;
    return true;
  }
  channel_commit_data(agent, channel, (size_t)got);
  return true;
}

static void connected(struct agent *agent, struct channel *channel)
{
  struct dial *dial = channel->state;
  dial->is_connected = true;
  channel_event(agent, channel, EVENT_CONNECTED);
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
  if (dial->is_connected && !dial->has_ended && channel_data_room(agent, channel) > 0)
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
  if (!dial->has_stopped_reading)
    push(agent, channel);
  if (dial->has_ended || pull(agent, channel))
    finish_if_done(agent, channel);
}

static void on_data(struct agent *agent, struct channel *channel, const uint8_t *bytes, size_t length)
{
  struct dial *dial = channel->state;
  if (dial->has_stopped_reading) {
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

static bool read_request(void *state, struct fields *fields)
{
  struct dial *dial = state;
  dial->fd = -1;
  const struct parameter parameters[] = {{TAG_PORT, VALUE_U32 | REQUIRED, &dial->port}};
  return request_read(fields, parameters, COUNT(parameters)) && dial->port >= 1 && dial->port <= UINT16_MAX;
}

static int begin(struct agent *agent, struct channel *channel)
{
  if (!try_next_address(channel->state))
    refuse(agent, channel);
  return 0;
}

static void release(struct agent *agent, void *state)
{
  (void)agent;
  const struct dial *dial = state;
  if (dial->fd >= 0)
    close(dial->fd);
}

const struct operation dial_operation = {
  .name = "DIAL",
  .state_bytes = sizeof(struct dial),
  .outgoing = 1u << 0,
  .read = read_request,
  .begin = begin,
  .data = on_data,
  .end = on_end,
  .watch = on_watch,
  .ready = on_ready,
  .release = release,
};
