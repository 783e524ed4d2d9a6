#pragma once

#include <stddef.h>

#include "reset/scratch.h"

struct options {
  const char *root;
  const char *cgroup;
  const char *scratch[MAX_SCRATCH];
  size_t scratch_count;
};

// Speaks the protocol over standard input and output until either ends; returns the exit status.
int serve(const struct options *options);
