// GET: reads one regular file.
#pragma once

#include <stdint.h>

#include "core/fields.h"

struct agent;

void get_open(struct agent *agent, uint16_t number, struct fields *fields);
