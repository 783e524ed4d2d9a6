// The rename at the end of a move or a copy.
#pragma once

#include <stdbool.h>

#include "paths/resolve.h"

// Each returns 0 or an errno.

// What is there already stays: EEXIST.
int rename_new(const struct place *from, const struct place *to);
int rename_new_at(int from, const char *name, int to, const char *new_name);

// What is there already is replaced; where a rename cannot do that, as with directories, the two change places.
int rename_over(const struct place *from, const struct place *to, bool *is_exchanged);

// Undoes an exchange.
void rename_back(const struct place *from, const struct place *to);
