// What a FIND knows, and the search itself.
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/names.h"
#include "core/slice.h"
#include "files/entry.h"
#include "files/text_search.h"
#include "paths/traversal.h"

// ENTRY, line, column and text.
#define MATCH_BYTES (ENTRY_BYTES + 4 + 4 + 2 + MATCH_TEXT_BYTES)

struct finder {
  // The directory as the server named it, for what is reported.
  char directory[PATH_MAX];
  // "" where it does not matter.
  char glob[PATH_MAX];
  char text[PATH_MAX];
  bool ignore_case;
  struct names excluded;
  uint32_t most;
  uint64_t largest;
  uint32_t matches;
  bool is_truncated;
  struct traversal traversal;
  // Of the file that is being searched.
  char path[PATH_MAX];
  struct stat file;
  // The next match, until the caller has taken it and set this to 0.
  size_t match_length;
  uint8_t match[MATCH_BYTES];
  struct text_search search;
};

// Works towards the next match. PROGRESS_DONE: there are no more, or no more are wanted.
enum progress finder_advance(struct finder *finder, const struct slice *slice);

void finder_release(struct finder *finder);
