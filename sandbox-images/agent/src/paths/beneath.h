// Opening what lies beneath a directory without ever leaving it, while a guest may move things about.
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "core/protocol.h"

// Relative, and made of nothing but names: no "", "." or "..", so no leading, double or trailing slash either.
bool path_is_valid(const char *path);

// What an errno of a file operation is called in the protocol.
enum error_code path_error(int error);

// Opens without following any link. Like open: -1 and errno.
int beneath_open(int root, const char *path, int flags);

// Opens a directory as a place to work in (O_PATH); "" is the root itself. An invalid path is EINVAL.
int beneath_directory(int root, const char *path);

// How many bytes of the path are the directory's that holds it; 0 is the root itself.
size_t path_parent_length(const char *path);

// Opens what is a link on the way, of which it gets all up to there, or fails with an errno.
typedef int link_follower(int root, const char *path, size_t length);

// Opens the directory that the first `length` bytes name (O_PATH), one name at a time; `make` adds what is missing.
// Without a follower a link is ENOTDIR.
int beneath_walk(int root, const char *path, size_t length, bool make, link_follower *follow);

// Opens the directory that holds `path`, made with its own parents where missing if `make` is set;
// `name` then points at the last part of `path`.
int beneath_parent(int root, const char *path, bool make, const char **name);
