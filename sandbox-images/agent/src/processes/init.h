#pragma once

#include "core/operation.h"

// PID 1 of a project sandbox: reaps, passes signals on, keeps processes, and speaks the protocol, without what has
// other agents, with whoever connects. Returns the exit status.
int init(const char *root, const struct operation *const *operations);
