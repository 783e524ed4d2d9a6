// The run's part in a round of the loop.
#pragma once

#include <poll.h>
#include <stdint.h>

struct agent;
struct run;

enum { RUN_POLLS = 3 };

// What the loop shall watch for the run, and how long it may wait, in microseconds; -1 is for ever.
void run_watch(const struct agent *agent, struct pollfd polls[RUN_POLLS]);
int64_t run_timeout(const struct run *run, int64_t now);

// Acts upon what the loop has seen.
void run_step(struct agent *agent, const struct pollfd polls[RUN_POLLS]);
