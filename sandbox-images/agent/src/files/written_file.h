// A file on its way to its place: under a temporary name until it is complete.
#pragma once

#include <stdbool.h>

#include "files/write_request.h"
#include "paths/resolve.h"
#include "paths/temporary.h"

struct written_file {
  struct write_request request;
  struct place place;
  struct temporary temporary;
  bool is_created;
};

// Does everything that can refuse the write before its bytes are sent. The request is set, nothing is open yet. 0 or
// an errno: ESTALE if what is there is not what the request expects.
int written_file_begin(struct written_file *written, int root);

// Gives it the mode and the time that it is to have.
int written_file_seal(const struct written_file *written);

// Gives it its name.
int written_file_commit(struct written_file *written);

// Removes it, unless it has its name.
void written_file_end(struct written_file *written);
