// LINK: makes a symbolic link.
#pragma once

#include <stdint.h>

#include "core/fields.h"

struct agent;

void link_open(struct agent *agent, uint16_t number, struct fields *fields);
