// Copies a file, a link or a whole tree, a slice of work at a time.
#pragma once

#include <stdint.h>

#include "core/slice.h"
#include "files/file_copy.h"
#include "paths/traversal.h"

struct tree_copy {
  // What is copied, at the top.
  struct stat top;
  struct traversal traversal;
  struct file_copy file;
  // The directory that is being filled, and what each one above it is.
  int to;
  ino_t *above;
  size_t depth;
  size_t capacity;
  // Bytes of content that may still be copied.
  uint64_t left;
  int error;
};

void tree_copy_init(struct tree_copy *copy, uint64_t most);

// `lock` becomes a descriptor of what is made, -1 where that is a link. 0 or an errno.
int tree_copy_begin(struct tree_copy *copy, int parent, const char *name, int to_parent, const char *to_name,
                    int *lock);

enum progress tree_copy_advance(struct tree_copy *copy, const struct slice *slice);
// Gives a directory the mode and the times of another one, when nothing is put into it any more. 0 or an errno.
int tree_copy_seal(int fd, const struct stat *like);

void tree_copy_end(struct tree_copy *copy);
