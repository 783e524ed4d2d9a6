// Reading the fields of an OPEN into the variables of its operation.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/fields.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

// Where these three are the same, the content of a file counts as the same.
struct version {
  uint64_t mtime_ns;
  uint64_t size;
  uint64_t inode;
};

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
  VALUE_NAMES,
  // With one of these: a request without it is broken.
  REQUIRED = 0x80
};

struct parameter {
  uint8_t tag;
  unsigned int kind;
  void *to;
};

// False when a field is none of these, comes twice, is not what it should be, or is missing. What is not sent stays as it
// was; what was sent is in fields->seen.
bool request_read(struct fields *fields, const struct parameter *parameters, size_t count);

bool request_has(const struct fields *fields, uint8_t tag);
