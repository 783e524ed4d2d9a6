// Everything the agent knows. There is one, made by serve() and handed to whoever needs it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/channel.h"
#include "core/output.h"
#include "core/protocol.h"
#include "reset/baseline.h"
#include "reset/scratch.h"
#include "run/cgroup.h"
#include "run/run.h"

struct options {
  const char *root;
  const char *cgroup;
  const char *scratch[MAX_SCRATCH];
  size_t scratch_count;
};

struct agent {
  bool is_init;
  bool greeted;
  // Set when the connection broke the rules or cannot go on; the loop ends it.
  bool failed;
  int root;
  int signals;
  struct cgroup cgroup;
  struct baseline baseline;
  struct scratch scratch[MAX_SCRATCH];
  size_t scratch_count;
  struct channel channels[MAX_CHANNELS];
  // Whose turn it is to send.
  size_t first_pumped;
  struct run run;
  size_t input_bytes;
  uint8_t input[HEADER_BYTES + MAX_PAYLOAD];
  struct output output;
};

// Ends the connection: ERROR on channel 0, everything killed, exit status 70.
void agent_fail(struct agent *agent, enum error_code code, const char *message);
