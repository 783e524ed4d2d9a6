// Work that takes long is done in slices, so that other operations go on meanwhile.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/clock.h"

#define SLICE_US 1000

// What has become of a piece of work after a slice.
enum progress { PROGRESS_MORE, PROGRESS_DONE, PROGRESS_FAILED };

struct slice {
  int64_t end;
};

static inline struct slice slice_begin(void)
{
  return (struct slice){clock_us() + SLICE_US};
}

static inline bool slice_is_over(const struct slice *slice)
{
  return clock_us() >= slice->end;
}
