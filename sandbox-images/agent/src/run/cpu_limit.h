// A limit on the CPU time of everything in the control group, watched with as few looks as will do.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct cpu_limit {
  // 0: none.
  uint64_t us;
  int64_t next_check;
};

void cpu_limit_start(struct cpu_limit *limit, uint32_t ms, int64_t now);
bool cpu_limit_is_due(const struct cpu_limit *limit, int64_t now);

// Whether so much is too much; if not, the next look is due when it can be at the earliest.
bool cpu_limit_check(struct cpu_limit *limit, uint64_t used_us, int64_t now);
