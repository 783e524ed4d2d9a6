// RUN: one program with its pipes, limits and report.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/byte_queue.h"
#include "core/operation.h"
#include "core/protocol.h"
#include "run/cgroup.h"
#include "run/run_limits.h"
#include "run/run_output.h"
#include "run/tree.h"
#include "run/waiting.h"

struct agent;
struct channel;
struct run_request;

enum run_phase {
  RUN_NONE,
  RUN_ALIVE,
  // The program has ended or is to end, and so is everything it left behind.
  RUN_KILLING,
  // Nothing is left alive; what is in the pipes goes out as the server takes it.
  RUN_DRAINING
};

struct run {
  enum run_phase phase;
  struct channel *channel;
  // What the channel was opened with; NULL while there is none.
  const struct run_request *request;
  pid_t pid;
  enum run_reason reason;
  // The server wants no output any more.
  bool is_cancelled;
  int input;
  bool input_ended;
  struct run_output outputs[2];
  // The pipes of what lives on, which breaks if nobody reads them any more.
  int held[2];
  uint64_t output_limit;
  int64_t started;
  // 0 while the program itself lives.
  int64_t ended;
  int status;
  struct run_limits limits;
  int64_t kill_deadline;
  int64_t next_kill;
  int64_t kill_pause;
  struct tally tally;
  struct cgroup_counters counters;
  struct waiting waiting;
  struct byte_queue queue;
  // The same for every run.
  struct cgroup cgroup;
};

extern const struct operation run_operation;
