// The start of a program of a process, and what leads to and from it.
#pragma once

#include "processes/process.h"

// Starts it at its terminal or with pipes. Returns 0 or an errno; `is_cwd` tells that it was its directory.
int launch(struct processes *processes, struct process *process, bool *is_cwd);

// It has failed: the next start is due after a pause, which is longer each time.
void launch_later(struct process *process, int64_t now);

void launch_close(int *end);
void launch_close_all(struct process *process);
