// WALK: lists what is beneath a directory.
#pragma once

#include <stdint.h>

#include "core/fields.h"

struct agent;

void walk_open(struct agent *agent, uint16_t number, struct fields *fields);
