// USAGE: what everything beneath the root takes on the disk.
#pragma once

#include <stdint.h>

#include "core/fields.h"

struct agent;

void usage_open(struct agent *agent, uint16_t number, struct fields *fields);
