// Trees that are not there yet, or not any more: under hidden names in the root, from where one rename puts them in
// their place or takes them away.
#pragma once

#include <stdbool.h>

#include "core/slice.h"
#include "paths/removal.h"

#define HIDDEN_TREE_NAME_BYTES 32

// A name that is free.
void hidden_tree_name(int root, char name[HIDDEN_TREE_NAME_BYTES]);

// An agent at work on one has a descriptor of it locked, which distinguishes what is in use from what an agent that was
// killed has left behind.
void hidden_tree_lock(int fd);

// Removes what has been left behind.
struct sweep {
  unsigned int slot;
  struct removal removal;
  char name[HIDDEN_TREE_NAME_BYTES];
};

enum progress sweep_advance(struct sweep *sweep, int root, const struct slice *slice);
