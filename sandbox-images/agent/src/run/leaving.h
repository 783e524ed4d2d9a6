// What a program has left running when it ended, for a run that lets it live on.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct agent;
struct run;

#define LEFT_PROCESSES 64
#define LEFT_NAME_BYTES 15
#define LEFT_BYTES (LEFT_PROCESSES * (4 + 1 + LEFT_NAME_BYTES))

// Keeps the pipes open while the agent's own ends are drained and closed, and lets them go.
void run_hold(struct run *run);
void run_let_go(struct run *run);

// Writes the id and the name of each, at most LEFT_BYTES, and returns where the writing ended: at `to` if nothing is left.
// What they print from here on is read and thrown away by a process of its own, so that nobody is stopped by a pipe.
uint8_t *run_leave(struct agent *agent, uint8_t *to);
