// FIND: looks for files by name, by content or both.
#pragma once

#include <stdint.h>

#include "core/fields.h"

struct agent;

void find_open(struct agent *agent, uint16_t number, struct fields *fields);
