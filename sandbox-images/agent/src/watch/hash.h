#pragma once

#include <stdint.h>

// Of a name in a directory. Guests may aim names at one bucket: that makes their own watch slow, and no other.
static inline uint32_t hash_name(const void *directory, const char *name)
{
  uint32_t hash = UINT32_C(2166136261) ^ (uint32_t)((uintptr_t)directory >> 4);
  for (; *name != 0; name++)
    hash = (hash ^ (uint8_t)*name) * UINT32_C(16777619);
  return hash ^ hash >> 15;
}
