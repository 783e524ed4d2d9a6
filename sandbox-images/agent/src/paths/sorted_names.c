#include "paths/sorted_names.h"

#include <stdlib.h>
#include <string.h>

// The analyzer loses sight of a pointer that moves within an array.
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"

// Puts the name where it belongs, going up from a new place at the end of the heap.
static void rise(struct sorted_names *names, char *name)
{
  char **list = names->list;
  size_t at = names->heap++;
  for (size_t parent; at > 0 && strcmp(list[parent = (at - 1) / 2], name) < 0; at = parent)
    list[at] = list[parent];
  list[at] = name;
}

// The same, going down from the top, whose name is no longer in the heap.
static void sink(struct sorted_names *names, char *name)
{
  size_t at = 0;
  for (size_t child; (child = 2 * at + 1) < names->heap; at = child) {
    if (child + 1 < names->heap && strcmp(names->list[child], names->list[child + 1]) < 0)
      child++;
    if (strcmp(name, names->list[child]) >= 0)
      break;
    names->list[at] = names->list[child];
  }
  names->list[at] = name;
}

static bool grow(struct sorted_names *names)
{
  if (names->count < names->capacity)
    return true;
  size_t capacity = names->capacity == 0 ? 64 : names->capacity * 2;
  char **list = realloc(names->list, capacity * sizeof *list);
  if (list == NULL)
    return false;
  names->list = list;
  names->capacity = capacity;
  return true;
}

static void drop_last(struct sorted_names *names)
{
  free(names->list[0]);
  names->count--;
  sink(names, names->list[--names->heap]);
}

bool sorted_names_add(struct sorted_names *names, const char *name)
{
  if (names->count == names->most) {
    if (strcmp(name, names->list[0]) >= 0)
      return true;
    drop_last(names);
  }
  char *copy = grow(names) ? strdup(name) : NULL;
  if (copy == NULL)
    return false;
  rise(names, copy);
  names->count++;
  return true;
}

bool sorted_names_sort(struct sorted_names *names)
{
  if (names->heap < 2)
    return false;
  char *last = names->list[--names->heap];
  names->list[names->heap] = names->list[0];
  sink(names, last);
  return true;
}

void sorted_names_free(struct sorted_names *names)
{
  for (size_t i = 0; i < names->count; i++)
    free(names->list[i]);
  free(names->list);
  *names = (struct sorted_names){0};
}
