// What the program writes: to the server as its credit allows, up to a limit.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct agent;

struct run_output {
  int fd;
  uint64_t written;
  // While draining: what the dead have left in the pipe.
  size_t left;
};

void run_output_close(struct run_output *output);

// How many bytes of stdout (0) or stderr (1) may be read now.
size_t run_output_readable(const struct agent *agent, size_t i);

// Reads what poll has seen; whether the program has written more than it may.
bool run_output_read(struct agent *agent, size_t i, short events);

// No process is left that could write: what is in the pipe is all there will be.
void run_output_limit_to_rest(struct run_output *output);

// Sends what was left; whether that was all of it.
bool run_output_drain(struct agent *agent);
