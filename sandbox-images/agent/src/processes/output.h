// What a process prints, and what the agent says of it among that.
#pragma once

#include "processes/process.h"

// Puts what it has printed into its ring.
void output_read(struct process *process, size_t output);

// The same when it has ended, with what its pipes and whoever is left can give.
void output_read_last(struct process *process);

void output_say(struct process *process, const char *what);
