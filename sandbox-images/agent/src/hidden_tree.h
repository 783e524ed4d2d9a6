// Trees that are not there yet, or not any more: under hidden names in the root, from where one rename puts them in
// their place or takes them away.
#pragma once

#include <stdbool.h>

#define HIDDEN_TREE_NAME_BYTES 32

void hidden_tree_name(char name[HIDDEN_TREE_NAME_BYTES]);

// Whoever works on one holds the lock of a descriptor of it, so that what an agent that was killed has left behind can
// be told from what is in use.
bool hidden_tree_lock(int fd);

// Whether it is one that nobody works on any more.
bool hidden_tree_is_left(int root, const char *name);
