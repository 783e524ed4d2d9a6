// Globs on names and on paths.
#pragma once

#include <stdbool.h>

// A glob without a slash is about the name, the last part of the path; one with is about the path, where a part `**`
// stands for any number of parts. Letters are distinguished by case unless `ignore_case` is set, which knows ASCII only.
bool glob_matches(const char *glob, const char *path, bool ignore_case);
