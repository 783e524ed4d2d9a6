// The limits of a run that its time decides about: wall clock, CPU time and memory, each checked as seldom as will do.
#pragma once

#include <stdint.h>

#include "core/protocol.h"

struct run;
struct run_request;

struct limit {
  // 0: none.
  uint64_t most;
  int64_t next_check;
};

struct run_limits {
  struct limit wall_us;
  // Of everything in the control group.
  struct limit cpu_us;
  // Of the whole sandbox, where that of its control group cannot be changed (gVisor).
  struct limit memory_bytes;
};

void run_limits_start(struct run *run, const struct run_request *request);

// When the next check is due; -1: never.
int64_t run_limits_next_check(const struct run *run);

// Which limit has been passed; REASON_EXIT is none.
enum run_reason run_limits_check(struct run *run, int64_t now);
