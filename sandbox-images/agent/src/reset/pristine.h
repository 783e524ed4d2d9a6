// What the sandbox was like before the first run, for a RESET to make it so again.
#pragma once

#include <stddef.h>

#include "reset/baseline.h"
#include "reset/scratch.h"

struct pristine {
  struct baseline baseline;
  struct scratch scratch[MAX_SCRATCH];
  size_t scratch_count;
};
