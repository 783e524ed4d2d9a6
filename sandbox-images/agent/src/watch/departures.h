// First halves of moves, until the second comes. The newest first.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "watch/watch_nodes.h"

struct departure {
  struct departure *next;
  struct node *node;
  uint32_t cookie;
  bool is_directory;
  // How often the kernel's queue had been read to its end when it came.
  uint64_t drains;
  char name[];
};

// False when memory is short.
bool departure_note(struct departure **departures, struct node *node, const char *name, uint32_t cookie,
                    bool is_directory, uint64_t drains);

// The one that an arrival belongs to, for the caller to free; NULL when that came from somewhere else.
struct departure *departure_take(struct departure **departures, uint32_t cookie);

// One whose other half will not come, for the caller to free; NULL when there is none.
struct departure *departure_take_lost(struct departure **departures, uint64_t drains);

void departure_free(struct departure *departure);
void departures_clear(struct departure **departures);
