#include "paths/inode_set.h"

#include <stdlib.h>

#define FIRST_CAPACITY 256
// 16 MiB: a guest can make links without end.
#define MOST_CAPACITY (UINT32_C(1) << 21)
// Spreads numbers that are close together.
#define MULTIPLIER UINT64_C(0x9e3779b97f4a7c15)

// Where the inode is, or the free slot for it; no inode is 0, and there always is a free slot.
static size_t find(const struct inode_set *set, uint64_t inode)
{
  size_t at = (size_t)(inode * MULTIPLIER >> 32) & (set->capacity - 1);
  while (set->slots[at] != 0 && set->slots[at] != inode)
    at = (at + 1) & (set->capacity - 1);
  return at;
}

static bool grow(struct inode_set *set)
{
  struct inode_set larger = {.capacity = set->capacity == 0 ? FIRST_CAPACITY : set->capacity * 2, .count = set->count};
  larger.slots = larger.capacity > MOST_CAPACITY ? NULL : calloc(larger.capacity, sizeof *larger.slots);
  if (larger.slots == NULL)
    return false;
  for (size_t i = 0; i < set->capacity; i++) {
    if (set->slots[i] != 0)
      larger.slots[find(&larger, set->slots[i])] = set->slots[i];
  }
  free(set->slots);
  *set = larger;
  return true;
}

bool inode_set_add(struct inode_set *set, uint64_t inode)
{
  bool is_crowded = set->count >= set->capacity / 2;
  if (is_crowded && !grow(set) && set->count + 1 >= set->capacity)
    return true;
  size_t at = find(set, inode);
  if (set->slots[at] == inode)
    return false;
  set->slots[at] = inode;
  set->count++;
  return true;
}

void inode_set_free(struct inode_set *set)
{
  free(set->slots);
  *set = (struct inode_set){0};
}
