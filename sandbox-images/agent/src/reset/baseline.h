// What another process of the same user may change about the agent itself: prlimit, renice, sched_setaffinity and
// ioprio_set ask for nothing but the same user id.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

#define LIMITS 16
#define SCHEDULING_BYTES 56

struct baseline {
  struct rlimit limits[LIMITS];
  // As sched_getattr gives it: policy, nice value, utilisation clamps.
  uint8_t scheduling[SCHEDULING_BYTES];
  uint64_t affinity[16];
  long io_priority;
};

void baseline_take(struct baseline *baseline);

// Puts back what was changed; false when something cannot be.
bool baseline_restore(const struct baseline *baseline);
