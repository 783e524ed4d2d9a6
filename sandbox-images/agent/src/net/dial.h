// DIAL: a connection to a port of the sandbox, also one that is open on the loopback address only.
#pragma once

#include <stdint.h>

#include "core/fields.h"

struct agent;

void dial_open(struct agent *agent, uint16_t number, struct fields *fields);
