// The answers that operations on files have in common. For those that are done at once, without a channel.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "resolve.h"

struct agent;

void file_refuse(struct agent *agent, uint16_t number, int error);

// RESULT with the entry at that place, or the reason why there is none.
void file_answer(struct agent *agent, uint16_t number, const char *path, const struct place *place);

// The same and whether it has just been made.
void file_answer_created(struct agent *agent, uint16_t number, const char *path, const struct place *place, bool created);
