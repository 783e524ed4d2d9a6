// Removes a file or a whole tree, a slice of work at a time.
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/slice.h"
#include "paths/traversal.h"

struct removal {
  // Borrowed.
  int parent;
  // Empty: all that is in `parent`, but not itself.
  char name[NAME_MAX + 1];
  // Otherwise a directory goes only if it is empty.
  bool is_recursive;
  // The kernel has freed what is removed when this is over; otherwise that may go on in a thread.
  bool is_awaited;
  struct traversal traversal;
  uint32_t removed;
  // What lay deep has been lifted to the top, where it is yet to be removed.
  bool has_lifted;
  // Names for what is lifted, and how often there may still be such.
  uint32_t next_name;
  uint32_t lifts;
  // How often directories may still turn out to have been filled again.
  unsigned int patience;
  int error;
};

void removal_begin(struct removal *removal, int parent, const char *name, bool is_recursive);
enum progress removal_advance(struct removal *removal, const struct slice *slice);

// In whatever state it is, also all zero.
void removal_end(struct removal *removal);

// Removes all that is in a directory, at once and to the last byte. False with errno.
bool directory_empty(int fd, uint32_t *removed);
bool directory_is_empty(int fd);
