// A file under a name of our own, until it is complete and takes another name.
#pragma once

#include <stdbool.h>

struct temporary {
  // -1: there is none.
  int fd;
  // Empty when it has got its name.
  char name[32];
};

// Makes one in that directory, for its owner only, and removes what killed agents have left there. 0 or an errno.
int temporary_make(struct temporary *temporary, int parent);

// Gives it its name, which replaces what has that name, or is EEXIST if it may not. 0 or an errno.
int temporary_rename(struct temporary *temporary, int parent, const char *name, bool may_replace);

// Closes it and removes it, unless it has been renamed.
void temporary_end(struct temporary *temporary, int parent);
