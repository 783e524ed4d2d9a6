// Files that have been met already: those with several names.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct inode_set {
  uint64_t *slots;
  size_t capacity;
  size_t count;
};

// False when it was there before. What memory is too short for counts as new.
bool inode_set_add(struct inode_set *set, uint64_t inode);

void inode_set_free(struct inode_set *set);
