// START, ATTACH, CONTROL, PROCESSES, KILL and FOLLOW: what PID 1 of a project does for a server.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "core/operation.h"

struct agent;
struct processes;
struct process;

extern const struct operation start_operation, attach_operation, control_operation, processes_operation, kill_operation, follow_operation;

// Of all that a connection has attached: adds them to the followers of their processes.
void attach_count_followers(const struct agent *agent);

// Before a process is forgotten: ends what is attached to it.
void attach_end(struct agent *agent, const struct process *process);
