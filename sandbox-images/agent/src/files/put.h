// PUT: writes one file, which appears under its name when it is complete.
#pragma once

#include <stdint.h>

#include "core/fields.h"

struct agent;

void put_open(struct agent *agent, uint16_t number, struct fields *fields);
