// What becomes of processes when nothing happens: starts after a pause, ends of stopped and of abandoned ones.
#pragma once

#include "processes/process.h"

// What is due; and when something is next, in microseconds, -1 for never.
void schedule_step(struct processes *processes, int64_t now);
int64_t schedule_next(const struct processes *processes);
