// The operations on the sandbox's TCP ports.
#pragma once

#include "core/operation.h"

extern const struct operation ports_operation, dial_operation;
