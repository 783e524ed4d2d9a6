// What the fields of OPEN RUN ask for.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/fields.h"
#include "run/command.h"

#define RUN_FLAG_INPUT_WAIT 1u
#define RUN_FLAG_LEAVE 2u

struct run_request {
  struct command command;
  uint32_t wall_ms;
  uint32_t cpu_ms;
  uint64_t output_limit;
  uint64_t stack_bytes;
  uint64_t memory_limit;
  uint32_t flags;
};

// Into a request that is all zero; false when the fields are not those of a RUN, or memory is short.
bool run_request_read(void *request, struct fields *fields);
