// WRITE: replaces one file, or makes it, when all of it has come and reached the disk.
#pragma once

#include <stdint.h>

#include "core/fields.h"

struct agent;

void write_open(struct agent *agent, uint16_t number, struct fields *fields);
