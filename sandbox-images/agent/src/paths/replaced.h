// Removing what a move or a copy has replaced, under a hidden name.
#pragma once

#include <stdbool.h>

#include "paths/hidden_tree.h"
#include "paths/removal.h"
#include "paths/resolve.h"

struct replaced {
  // Locked while the tree is removed.
  int fd;
  struct removal removal;
};

// Takes it from where it is; 0 or an errno.
int replaced_begin(struct replaced *replaced, int root, const struct place *place);
void replaced_end(struct replaced *replaced);
