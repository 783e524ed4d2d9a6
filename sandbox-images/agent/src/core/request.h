// Reading the fields of an OPEN into the places where its operation wants them.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/fields.h"

enum value_kind {
  // char[PATH_MAX]
  VALUE_PATH,
  // bool; 0 or 1 on the wire
  VALUE_FLAG,
  VALUE_U32,
  VALUE_U64,
  // struct version
  VALUE_VERSION,
  // struct names; the only one that may repeat
  VALUE_NAMES
};

struct parameter {
  uint8_t tag;
  enum value_kind kind;
  void *to;
};

// False when a field is none of these, comes twice, or is not what it should be. What is not sent stays as it was;
// what was sent is in fields->seen.
bool request_read(struct fields *fields, const struct parameter *parameters, size_t count);

bool request_has(const struct fields *fields, uint8_t tag);
