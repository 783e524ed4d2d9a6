// How a run ends: everything is killed until nothing is left, then the rest of the output goes out and the report.
#pragma once

#include <stdint.h>

#include "core/protocol.h"

struct agent;

// Unless the end has begun already.
void run_kill(struct agent *agent, enum run_reason reason);

// For what was born meanwhile, or does not die at once.
void run_kill_again(struct agent *agent, int64_t now);

// Collects what has ended.
void run_reap(struct agent *agent);

// When nothing is left alive; to be called until the run is over.
void run_finish(struct agent *agent);
