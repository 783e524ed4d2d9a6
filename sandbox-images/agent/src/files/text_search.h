// Searches a file for a text, a buffer at a time: one match of each line.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/slice.h"

#define LONGEST_NEEDLE 1000
#define MATCH_TEXT_BYTES 512
#define SEARCH_BUFFER_BYTES 65536

struct text_match {
  uint32_t line;
  uint32_t column;
  const char *text;
  size_t length;
};

struct text_search {
  char needle[LONGEST_NEEDLE + 1];
  size_t needle_length;
  bool ignore_case;
  // -1: no file is being searched.
  int fd;
  // Bytes of the file that are still to be read.
  uint64_t left;
  // Where the buffer begins within the file, and how much of it there is.
  uint64_t base;
  size_t length;
  // What comes before has been searched.
  size_t at;
  uint32_t line;
  uint64_t line_start;
  // The rest of a line that has matched is left out.
  bool is_skipping;
  char buffer[SEARCH_BUFFER_BYTES];
  // What is compared: the same, or in lower case.
  char folded[SEARCH_BUFFER_BYTES];
};

// False when it is no text to look for: empty, too long or of more than one line.
bool text_search_init(struct text_search *search, const char *needle, bool ignore_case);

// Takes the descriptor; no more than `size` bytes are searched.
void text_search_begin(struct text_search *search, int fd, uint64_t size);

// PROGRESS_DONE: at the end. PROGRESS_FAILED never: what cannot be read has no matches. `match->text` is set when there
// is one.
enum progress text_search_advance(struct text_search *search, struct text_match *match);

void text_search_end(struct text_search *search);
