// What the fields of OPEN WRITE ask for.
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/fields.h"
#include "files/entry.h"

struct write_request {
  char path[PATH_MAX];
  bool has_mode;
  uint32_t mode;
  bool must_be_absent;
  bool must_be_version;
  struct version version;
  uint64_t most;
  bool has_mtime;
  uint64_t mtime_ns;
  bool is_flushed;
};

// False when the fields are not those of a WRITE.
bool write_request_read(struct write_request *request, struct fields *fields);

// Whether what is there, NULL for nothing, is what the request expects.
bool write_request_accepts(const struct write_request *request, const struct stat *existing);
