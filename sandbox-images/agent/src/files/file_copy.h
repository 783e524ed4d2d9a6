// Copies one regular file, a piece at a time.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "core/slice.h"

struct file_copy {
  // -1: no file is being copied.
  int from;
  int to;
  off_t at;
  struct stat file;
};

// Opens what is to be a regular file, and makes the other one. 0 or an errno.
int file_copy_begin(struct file_copy *copy, int parent, const char *name, int to_parent, const char *to_name);

// Copies a piece, of at most `left` bytes, which it counts down; EDQUOT when they do not suffice. 0 or an errno.
int file_copy_advance(struct file_copy *copy, uint64_t *left, bool *is_done);

void file_copy_end(struct file_copy *copy);
