// MOVE: renames a file, a link or a directory.
#pragma once

#include <stdint.h>

#include "core/fields.h"

struct agent;

void move_open(struct agent *agent, uint16_t number, struct fields *fields);
