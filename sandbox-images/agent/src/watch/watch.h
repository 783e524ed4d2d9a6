// WATCH: reports what changes in a directory, or in all beneath it.
#pragma once

#include "core/operation.h"

extern const struct operation watch_operation;
