// REMOVE: one file, link or directory, or a directory with all it holds.
#pragma once

#include <stdint.h>

#include "core/fields.h"

struct agent;

void remove_open(struct agent *agent, uint16_t number, struct fields *fields);
