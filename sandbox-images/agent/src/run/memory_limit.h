// A limit on the memory of the whole sandbox, for where nobody can change that of its control group (gVisor).
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct memory_limit {
  // 0 is none.
  uint64_t bytes;
  int64_t next_check;
};

void memory_limit_start(struct memory_limit *limit, uint64_t bytes, int64_t now);
bool memory_limit_is_due(const struct memory_limit *limit, int64_t now);

// True when the limit is passed; else it is due again a little later.
bool memory_limit_check(struct memory_limit *limit, uint64_t used, int64_t now);
