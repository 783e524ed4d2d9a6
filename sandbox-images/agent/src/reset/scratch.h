// Directories that a run may fill and the next one finds empty.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define MAX_SCRATCH 8
#define MAX_ATTRIBUTES 1024

// The root of a scratch directory as it was before the first run.
struct scratch {
  int fd;
  mode_t mode;
  uid_t owner;
  gid_t group;
  // Names of the extended attributes, each with its NUL.
  size_t attributes_length;
  char attributes[MAX_ATTRIBUTES];
};

// Both return false with errno.
bool scratch_open(struct scratch *scratch, const char *path);

// Empties it, puts mode and attributes back and verifies that; counts the entries it removed.
bool scratch_restore(const struct scratch *scratch, uint32_t *removed);
