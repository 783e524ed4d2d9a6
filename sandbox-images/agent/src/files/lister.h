// Walks a directory's tree in the order of names, each directory before its content, a slice of work at a time.
#pragma once

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/names.h"
#include "core/slice.h"
#include "files/entry.h"
#include "paths/sorted_names.h"

// Each level holds a descriptor.
#define LISTER_MOST_DEPTH 40

struct lister_level {
  DIR *directory;
  struct sorted_names names;
  size_t next;
  bool is_read;
  // Of the directory's path within `path`.
  size_t path_length;
  // Where to go on: a name in this directory, which itself has been listed; NULL when all of it is to come.
  const char *after;
};

struct lister {
  uint32_t depth;
  uint32_t left;
  uint32_t entries;
  uint32_t unlisted;
  bool is_truncated;
  struct names excluded;
  // The next entry, until the caller has taken it and set this to 0.
  size_t entry_length;
  uint8_t entry[ENTRY_BYTES];
  size_t levels;
  struct lister_level stack[LISTER_MOST_DEPTH];
  char path[PATH_MAX];
  char after[PATH_MAX];
};

enum lister_state { LISTER_ENTRY, LISTER_MORE, LISTER_END };

// `path`, `after`, `depth` and `left` are set. Takes the directory's descriptor, also when it fails; 0 or an errno.
int lister_start(struct lister *lister, int fd);

// Works towards the next entry until the slice is over.
enum lister_state lister_advance(struct lister *lister, const struct slice *slice);

void lister_release(struct lister *lister);
