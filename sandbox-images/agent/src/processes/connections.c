#include "processes/connections.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/channels.h"
#include "core/connection.h"
#include "processes/listener.h"
#include "processes/operations.h"
#include "processes/process.h"

#define ACCEPT_PAUSE_NS 50000000

enum { POLL_CLIENT, POLL_INPUT, POLL_OUTPUT, POLL_CHANNELS };

void connections_init(struct connections *connections, struct processes *processes, const struct operation *const *operations)
{
  connections->processes = processes;
  connections->operations = operations;
  for (size_t i = 0; i < MOST_CONNECTIONS; i++)
    connections->list[i] = (struct connection){-1, {-1, -1}, NULL};
}

static void close_connection(struct connection *connection)
{
  if (connection->agent != NULL)
    channel_close_all(connection->agent);
  free(connection->agent);
  for (size_t i = 0; i < 2; i++) {
    if (connection->ends[i] >= 0)
      close(connection->ends[i]);
  }
  close(connection->client);
  *connection = (struct connection){-1, {-1, -1}, NULL};
}

void connections_accept(struct connections *connections, int listener)
{
  int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (client < 0) {
    // A guest has lowered the limit of open files: whoever waits goes on to wait, and is not looked at all the time.
    if (errno == EMFILE)
      nanosleep(&(struct timespec){.tv_nsec = ACCEPT_PAUSE_NS}, NULL);
    return;
  }
  for (size_t i = 0; i < MOST_CONNECTIONS; i++) {
    if (connections->list[i].client < 0) {
      connections->list[i].client = client;
      return;
    }
  }
  close(client);
}

void connections_count_followers(struct connections *connections)
{
  for (size_t i = 0; i < connections->processes->count; i++)
    connections->processes->list[i]->followers = connections->processes->list[i]->behind = 0;
  for (size_t i = 0; i < MOST_CONNECTIONS; i++) {
    if (connections->list[i].agent != NULL)
      attach_count_followers(connections->list[i].agent);
  }
}

void connections_watch(const struct connections *connections, struct pollfd polls[CONNECTION_POLLS])
{
  for (size_t i = 0; i < MOST_CONNECTIONS; i++, polls += POLLS_EACH) {
    const struct connection *connection = &connections->list[i];
    const struct agent *agent = connection->agent;
    for (size_t k = 0; k < POLLS_EACH; k++)
      polls[k] = (struct pollfd){.fd = -1};
    polls[POLL_CLIENT] = (struct pollfd){.fd = connection->client, .events = POLLIN};
    if (agent == NULL)
      continue;
    polls[POLL_INPUT] = (struct pollfd){.fd = output_has_room(&agent->output) ? connection->ends[0] : -1, .events = POLLIN};
    polls[POLL_OUTPUT] = (struct pollfd){.fd = connection->ends[1], .events = output_pending(&agent->output) ? POLLOUT : 0};
    channels_watch(agent, polls + POLL_CHANNELS);
  }
}

static bool flush(struct connection *connection)
{
  return output_flush(&connection->agent->output, connection->ends[1]) == OUTPUT_OPEN;
}

// False when it came to nothing.
static bool begin(struct connections *connections, struct connection *connection)
{
  int error = listener_take(connection->client, connection->ends);
  if (error != 0)
    return error == EAGAIN;
  if (fcntl(connection->ends[0], F_SETFL, O_NONBLOCK) < 0 || fcntl(connection->ends[1], F_SETFL, O_NONBLOCK) < 0)
    return false;
  struct agent *agent = connection->agent = calloc(1, sizeof *agent);
  if (agent == NULL)
    return false;
  agent->is_init = true;
  agent->root = connections->processes->root;
  agent->operations = connections->operations;
  agent->processes = connections->processes;
  connection_hello(agent);
  return flush(connection);
}

// False when it is over.
static bool step(struct connections *connections, struct connection *connection, const struct pollfd polls[POLLS_EACH])
{
  struct agent *agent = connection->agent;
  if (agent == NULL)
    return polls[POLL_CLIENT].revents == 0 || begin(connections, connection);
  // It has nothing more to say: it has gone.
  if (polls[POLL_CLIENT].revents != 0 || polls[POLL_OUTPUT].revents & (POLLERR | POLLHUP | POLLNVAL))
    return false;
  if (polls[POLL_OUTPUT].revents & POLLOUT && !flush(connection))
    return false;
  channels_step(agent, polls + POLL_CHANNELS);
  connection_handle(agent);
  return polls[POLL_INPUT].revents == 0 || connection_read(agent, connection->ends[0]);
}

void connections_step(struct connections *connections, const struct pollfd polls[CONNECTION_POLLS])
{
  for (size_t i = 0; i < MOST_CONNECTIONS; i++, polls += POLLS_EACH) {
    struct connection *connection = &connections->list[i];
    if (connection->client >= 0 && !step(connections, connection, polls))
      close_connection(connection);
  }
}

// False when it is over.
static bool pump(struct connection *connection, bool *has_more)
{
  struct agent *agent = connection->agent;
  *has_more |= channels_pump(agent);
  bool was_crowded = output_data_room(&agent->output) < MAX_PAYLOAD;
  if (!flush(connection) || agent->has_failed)
    return false;
  // A channel that found no room just now has some, and there is no event for that.
  *has_more |= was_crowded && !output_pending(&agent->output);
  return true;
}

bool connections_pump(struct connections *connections)
{
  bool has_more = false;
  for (size_t i = 0; i < MOST_CONNECTIONS; i++) {
    struct connection *connection = &connections->list[i];
    if (connection->agent != NULL && !pump(connection, &has_more))
      close_connection(connection);
  }
  return has_more;
}

void connections_sweep(struct connections *connections)
{
  struct processes *processes = connections->processes;
  while (processes->forgotten_count > 0) {
    struct process *process = processes->forgotten[--processes->forgotten_count];
    for (size_t i = 0; i < MOST_CONNECTIONS; i++) {
      if (connections->list[i].agent != NULL)
        attach_end(connections->list[i].agent, process);
    }
    process_free(process);
  }
}
