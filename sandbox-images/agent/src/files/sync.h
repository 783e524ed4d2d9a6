// SYNC: has everything written so far reach the disk.
#pragma once

#include <stdint.h>

#include "core/fields.h"

struct agent;

void sync_open(struct agent *agent, uint16_t number, struct fields *fields);
