// LIST: a directory's content in an order that stays, page by page.
#pragma once

#include <stdint.h>

#include "core/fields.h"

struct agent;

void list_open(struct agent *agent, uint16_t number, struct fields *fields);
