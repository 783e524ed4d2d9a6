// The first names of a directory in the order of their bytes. Taken in and sorted name by name, so that a hundred
// thousand of them delay no other operation, and never more of them are kept than are wanted.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct sorted_names {
  // While names are taken in, a heap with the last of them on top; what is sorted already lies behind the heap.
  char **list;
  size_t heap;
  size_t count;
  size_t capacity;
  size_t most;
};

// Copies the name, unless there are enough that come before it. False when memory is short.
bool sorted_names_add(struct sorted_names *names, const char *name);

// Puts one more name into its place; false when there is none left to sort.
bool sorted_names_sort(struct sorted_names *names);

void sorted_names_free(struct sorted_names *names);
