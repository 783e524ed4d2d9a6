// Finding what a path beneath the root names without ever leaving it, while a guest may move things about. Links on the
// way that stay beneath the root are followed.
#pragma once

#include <limits.h>
#include <stdbool.h>

// A name in a directory: where something is or is to be.
struct place {
  // O_PATH; -1 when there is nothing to close.
  int parent;
  char name[NAME_MAX + 1];
};

// Relative, and made of nothing but names: no "", "." or "..", so no leading, double or trailing slash either.
bool path_is_valid(const char *path);

// Opens what the path names, a link at its end followed. Like open: -1 and errno.
int resolve_open(int root, const char *path, int flags);

// Opens a directory to work in it (O_PATH), or to read it; "" is the root itself.
int resolve_directory(int root, const char *path);
int resolve_readable(int root, const char *path);

// Finds the directory that `path` is in, made with its own parents where missing if `make` is set; the last part is
// left as it is. Returns 0 or an errno, and then there is nothing to close.
int resolve_place(int root, const char *path, bool make, struct place *place);

// The same, but where the last part is a link it is the place that the link finally leads to.
int resolve_file(int root, const char *path, bool make, struct place *place);

void place_close(struct place *place);
