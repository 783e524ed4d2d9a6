// What a COPY is asked for.
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/fields.h"
#include "paths/resolve.h"

struct copy_request {
  char path[PATH_MAX];
  char to[PATH_MAX];
  bool overwrite;
  uint64_t most;
  struct place source;
  struct place target;
};

// False when the fields are not those of a copy. In any case it may be ended.
bool copy_request_read(struct copy_request *request, struct fields *fields);

// Finds both places and refuses what cannot become a copy: EEXIST, or EINVAL for one within the other. 0 or an errno.
int copy_request_find(struct copy_request *request, int root);

void copy_request_end(struct copy_request *request);
