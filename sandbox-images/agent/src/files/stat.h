// STAT: what one path names.
#pragma once

#include <stdint.h>

#include "core/fields.h"

struct agent;

void stat_open(struct agent *agent, uint16_t number, struct fields *fields);
