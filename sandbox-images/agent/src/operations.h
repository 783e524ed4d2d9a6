// Every operation of PROTOCOL.md by its number.
#pragma once

#include "core/operation.h"
#include "core/protocol.h"

extern const struct operation *const operations[OPERATIONS];

// Those that PID 1 of a project does.
extern const struct operation *const init_operations[OPERATIONS];
