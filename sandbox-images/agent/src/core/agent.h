// What the connection and all operations share. There is one, made by serve().
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/channel.h"
#include "core/output.h"
#include "core/protocol.h"

struct run;
struct pristine;
struct processes;

struct agent {
  bool is_init;
  bool is_greeted;
  // Set when the connection broke the rules or cannot go on; the loop ends it.
  bool has_failed;
  // What a run has left lives on: there is no other run, and nothing is killed at the end.
  bool has_left;
  // What all paths are beneath (O_PATH).
  int root;
  // A signalfd.
  int signals;
  // By their numbers; where there is none, NULL.
  const struct operation *const *operations;
  struct channel channels[MAX_CHANNELS];
  // Of an operation that is done at once.
  struct channel immediate;
  // Whose turn it is to send.
  size_t first_pumped;
  // What belongs to RUN and to RESET: only their rooms know what is in it.
  struct run *run;
  struct pristine *pristine;
  // What PID 1 of a project keeps; NULL elsewhere.
  struct processes *processes;
  size_t input_bytes;
  uint8_t input[HEADER_BYTES + MAX_PAYLOAD];
  struct output output;
};

// Ends the connection: ERROR on channel 0, everything killed, exit status 70.
void agent_fail(struct agent *agent, enum error_code code, const char *message);
