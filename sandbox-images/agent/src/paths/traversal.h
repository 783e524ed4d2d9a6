// Goes through a directory tree one small step at a time, however deep the tree is and whatever a guest does to it
// meanwhile. No link is followed and no path is built: each directory is reached from the one before.
#pragma once

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct level;

enum visit {
  // There was nothing to see this time.
  VISIT_NOTHING,
  // `name` in the directory `fd`, which `file` describes, is no directory.
  VISIT_FILE,
  // It is one, and will be entered unless it is skipped.
  VISIT_DIRECTORY,
  // `fd` now is the directory `name`.
  VISIT_ENTER,
  // `fd` is the parent again; all of the directory `name` has been seen.
  VISIT_LEAVE,
  // The directory `name` cannot be entered; `error` has the reason.
  VISIT_UNREADABLE,
  // Directories have been moved away while they were read; what is left of them will not be seen.
  VISIT_LOST,
  VISIT_END,
  // Memory or descriptors are short; `error` has which.
  VISIT_FAILED
};

struct traversal {
  int top;
  int fd;
  DIR *reading;
  struct level *levels;
  size_t depth;
  size_t capacity;
  // Permissions that every directory must have for its owner, and is given where it has not.
  mode_t needed;
  char name[NAME_MAX + 1];
  struct stat file;
  int error;
};

// Opens a directory for reading, made accessible first where `needed` has bits that are missing. Like open: -1 and errno.
int directory_open(int parent, const char *name, mode_t needed);

// Begins with a directory that is open for reading, which it takes over. False and errno when memory is short.
bool traversal_begin(struct traversal *traversal, int top, mode_t needed);

enum visit traversal_next(struct traversal *traversal);

// After VISIT_DIRECTORY: the directory will not be entered.
void traversal_skip(struct traversal *traversal);

// After VISIT_LEAVE: the directory will be entered once more.
void traversal_revisit(struct traversal *traversal);

// Writes the path of `name`, the last seen, beneath the top. 0 when it is longer than a path may be.
size_t traversal_path(const struct traversal *traversal, char path[PATH_MAX]);

// May be called twice.
void traversal_end(struct traversal *traversal);
