// COPY: a file, a link or a whole directory, which is there when it is complete.
#pragma once

#include <stdint.h>

#include "core/fields.h"

struct agent;

void copy_open(struct agent *agent, uint16_t number, struct fields *fields);
