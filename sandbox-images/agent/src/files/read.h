// READ: a part of one regular file, or all of it.
#pragma once

#include <stdint.h>

#include "core/fields.h"

struct agent;

void read_open(struct agent *agent, uint16_t number, struct fields *fields);
