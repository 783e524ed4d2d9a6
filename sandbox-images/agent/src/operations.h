// Every operation of PROTOCOL.md by its number.
#pragma once

#include "core/operation.h"
#include "core/protocol.h"

extern const struct operation *const operations[OPERATIONS];
