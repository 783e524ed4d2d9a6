// RESET: makes the sandbox as it was before the first run.
#pragma once

#include "core/operation.h"

extern const struct operation reset_operation;
