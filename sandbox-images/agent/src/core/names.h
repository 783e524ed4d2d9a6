// The names that a request repeats, such as those of directories to be left out.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/fields.h"

struct names {
  // Each with its NUL, one after the other.
  char *bytes;
  size_t length;
};

// False when the value is not a name, or memory is short.
bool names_add(struct names *names, const struct field *field);
bool names_have(const struct names *names, const char *name);
void names_free(struct names *names);
