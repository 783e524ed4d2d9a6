// Finding what a path beneath the root names, with the links on the way that stay beneath the root followed; for
// file operations. What must not follow any link uses beneath.h.
#pragma once

#include <limits.h>
#include <stdbool.h>

#include "core/protocol.h"

// A name in a directory: where something is or is to be.
struct place {
  // O_PATH; -1 when there is nothing to close.
  int parent;
  char name[NAME_MAX + 1];
};

// What an errno of a file operation is called in the protocol; unlike path_error it tells what a guest has forbidden.
enum error_code file_error(int error);

// Opens what the path names, a link at its end followed. Like open: -1 and errno.
int resolve_open(int root, const char *path, int flags);

// Opens a directory as a place to work in (O_PATH); "" is the root itself.
int resolve_directory(int root, const char *path);

// Finds the directory that holds `path`, made with its own parents where missing if `make` is set; the last part is
// left as it is. Returns 0 or an errno, and then there is nothing to close.
int resolve_place(int root, const char *path, bool make, struct place *place);

// The same, but where the last part is a link it is the place that the link finally leads to.
int resolve_file(int root, const char *path, bool make, struct place *place);

void place_close(struct place *place);
