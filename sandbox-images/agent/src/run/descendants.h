// The agent's descendants, from /proc: for an agent that is not PID 1 and so cannot reach them all with kill(-1).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

// Calls `visit` for descendants with a process id above `after`, in rising order, until it returns false.
void descendants_visit(pid_t after, bool (*visit)(pid_t pid, void *context), void *context);

// Stops all of them until no new one shows up, so that a fork bomb stands still, then kills them.
void descendants_kill(void);
