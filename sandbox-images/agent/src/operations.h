// What a server may open a channel for.
#pragma once

#include <stdint.h>

#include "core/fields.h"

struct agent;

void operation_open(struct agent *agent, uint8_t code, uint16_t number, struct fields *fields);
