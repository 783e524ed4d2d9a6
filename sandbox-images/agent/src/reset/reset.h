// RESET: makes the sandbox as it was before the first run.
#pragma once

#include <stdint.h>

#include "core/fields.h"

struct agent;

void reset_open(struct agent *agent, uint16_t number, struct fields *fields);
