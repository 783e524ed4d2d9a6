// MKDIR: makes a directory, unless it is there.
#pragma once

#include <stdint.h>

#include "core/fields.h"

struct agent;

void mkdir_open(struct agent *agent, uint16_t number, struct fields *fields);
