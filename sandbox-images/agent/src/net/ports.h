// PORTS: what listens in the sandbox.
#pragma once

#include <stdint.h>

#include "core/fields.h"

struct agent;

void ports_open(struct agent *agent, uint16_t number, struct fields *fields);
