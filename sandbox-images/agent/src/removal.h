// Removes a file or a whole tree, a slice of work at a time.
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "slice.h"
#include "traversal.h"

struct removal {
  // Borrowed.
  int parent;
  char name[NAME_MAX + 1];
  // Otherwise a directory goes only if it is empty.
  bool is_recursive;
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

// Lets go of a removal in whatever state, also of one that is all zero.
void removal_end(struct removal *removal);
