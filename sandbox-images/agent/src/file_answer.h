// The answers that operations on files have in common.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "resolve.h"

struct agent;
struct channel;

// Those of operations that are done at once, without a channel.

void file_refuse(struct agent *agent, uint16_t number, int error);

// RESULT with the entry at that place, or the reason why there is none.
void file_answer(struct agent *agent, uint16_t number, const char *path, const struct place *place);

// The same and whether it has just been made.
void file_answer_created(struct agent *agent, uint16_t number, const char *path, const struct place *place, bool created);

// The last frames of a channel.

void file_fail(struct agent *agent, struct channel *channel, int error);

// Of work on what lies in a directory: no path that was asked for was too long, but one within.
enum error_code tree_error(int error);
void tree_fail(struct agent *agent, struct channel *channel, int error);

void file_finish(struct agent *agent, struct channel *channel, const char *path, const struct place *place);

// The operation.cancel of whatever leaves nothing behind when it is dropped.
void file_cancel(struct agent *agent, struct channel *channel);
