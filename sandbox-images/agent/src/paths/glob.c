#include "paths/glob.h"

#include <fnmatch.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>

#ifndef FNM_CASEFOLD
#error "the C library must be able to ignore case"
#endif

static const char *next_part(const char *path)
{
  path += strcspn(path, "/");
  return *path == '/' ? path + 1 : path;
}

static bool is_any_depth(const char *glob)
{
  return strncmp(glob, "**", 2) == 0 && (glob[2] == 0 || glob[2] == '/');
}

static bool part_matches(const char *glob, const char *path, int flags)
{
  char pattern[PATH_MAX];
  char name[PATH_MAX];
  size_t pattern_length = strcspn(glob, "/");
  size_t length = strcspn(path, "/");
  if (pattern_length >= sizeof pattern || length >= sizeof name)
    return false;
  memcpy(pattern, glob, pattern_length);
  pattern[pattern_length] = 0;
  memcpy(name, path, length);
  name[length] = 0;
  return fnmatch(pattern, name, flags) == 0;
}

// Where it does not fit, the last `**` takes one part more; earlier ones never need to, so this is no search of a tree.
static bool path_matches(const char *glob, const char *path, int flags)
{
  const char *after_depth = NULL;
  const char *again = NULL;
  for (;;) {
    if (is_any_depth(glob)) {
      glob = after_depth = next_part(glob);
      again = path;
    } else if (*path != 0 && *glob != 0 && part_matches(glob, path, flags)) {
      glob = next_part(glob);
      path = next_part(path);
    } else if (after_depth != NULL && *again != 0) {
      glob = after_depth;
      path = again = next_part(again);
    } else {
      return false;
    }
    if (*glob == 0 && (*path == 0 || glob == after_depth))
      return true;
  }
}

bool glob_matches(const char *glob, const char *path, bool ignore_case)
{
  int flags = ignore_case ? FNM_CASEFOLD : 0;
  if (strchr(glob, '/') != NULL)
    return path_matches(*glob == '/' ? glob + 1 : glob, path, flags);
  const char *slash = strrchr(path, '/');
  return fnmatch(glob, slash == NULL ? path : slash + 1, flags) == 0;
}
