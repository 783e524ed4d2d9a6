// Whoever speaks the protocol with PID 1: each has channels of its own, and all of them the same processes.
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/agent.h"

#define MOST_CONNECTIONS 8
#define POLLS_EACH (3 + MAX_CHANNELS)
#define CONNECTION_POLLS (MOST_CONNECTIONS * POLLS_EACH)

struct connection {
  // Of `agent connect`, which is there as long as it is open; -1: there is none.
  int client;
  // -1 until it has handed them over.
  int ends[2];
  struct agent *agent;
};

struct connections {
  struct processes *processes;
  const struct operation *const *operations;
  struct connection list[MOST_CONNECTIONS];
};

void connections_init(struct connections *connections, struct processes *processes, const struct operation *const *operations);

void connections_accept(struct connections *connections, int listener);

// For every process: who wants all that it prints, and is behind.
void connections_count_followers(struct connections *connections);

void connections_watch(const struct connections *connections, struct pollfd polls[CONNECTION_POLLS]);
void connections_step(struct connections *connections, const struct pollfd polls[CONNECTION_POLLS]);

// Sends what there is; whether there is more that needs no event.
bool connections_pump(struct connections *connections);

// Frees processes that are forgotten.
void connections_sweep(struct connections *connections);
