#include "run/memory_limit.h"

// What a program can take in between is bounded by the container's own limit.
#define PAUSE_US 10000

void memory_limit_start(struct memory_limit *limit, uint64_t bytes, int64_t now)
{
  *limit = (struct memory_limit){bytes, now + PAUSE_US};
}

bool memory_limit_is_due(const struct memory_limit *limit, int64_t now)
{
  return limit->bytes != 0 && now >= limit->next_check;
}

bool memory_limit_check(struct memory_limit *limit, uint64_t used, int64_t now)
{
  limit->next_check = now + PAUSE_US;
  return used > limit->bytes;
}
