// The fields of a request that say what to start: its arguments, its environment and its directory.
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/fields.h"

struct command {
  char **argv;
  char **envp;
  // Empty: the root itself.
  char cwd[PATH_MAX];
  // Of the strings and both arrays.
  void *memory;
  size_t arguments;
  size_t variables;
  size_t bytes;
};

enum command_field { COMMAND_OTHER, COMMAND_FIELD, COMMAND_BROKEN };

// Into a command that is all zero, field by field.
enum command_field command_read(struct command *command, struct fields *fields, const struct field *field);

// When all fields have been read: copies the strings out of them. False without a program, or when memory is short.
bool command_copy(struct command *command, struct fields fields);

void command_free(struct command *command);
