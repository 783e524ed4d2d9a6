// SPACE: what the file system has left that the root is on.
#pragma once

#include <stdint.h>

#include "core/fields.h"

struct agent;

void space_open(struct agent *agent, uint16_t number, struct fields *fields);
