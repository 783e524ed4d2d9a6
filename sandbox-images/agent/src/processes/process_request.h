// What the fields of OPEN START ask for.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/fields.h"
#include "run/command.h"

#define PROCESS_ID_BYTES 64
#define MOST_LABEL_BYTES 4096

enum restart_policy { RESTART_NEVER, RESTART_ON_FAILURE, RESTART_ALWAYS };

struct process_request {
  struct command command;
  char id[PROCESS_ID_BYTES];
  // What the server wants to be told again.
  uint8_t label[MOST_LABEL_BYTES];
  uint16_t label_length;
  bool has_tty;
  // Columns in the upper half, rows in the lower.
  uint32_t size;
  uint32_t restart;
  // Nobody attached for so long is the end of it; with a terminal its own end is that of what it has left running.
  bool is_bound;
  uint32_t patience_ms;
  // When memory runs out it goes before the others.
  bool is_first_to_go;
};

// Into a request that is all zero; false when the fields are not those of a START, or memory is short.
bool process_request_read(void *request, struct fields *fields);
void process_request_free(struct process_request *request);
