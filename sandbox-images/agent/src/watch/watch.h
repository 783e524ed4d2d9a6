// WATCH: reports what changes beneath a directory.
#pragma once

#include <stdint.h>

#include "core/fields.h"

struct agent;

void watch_open(struct agent *agent, uint16_t number, struct fields *fields);
