#pragma once

#include <stddef.h>
#include <stdint.h>

// Writes the bytes that follow the first `size` of a new file. What would be blocks of zeros stays a hole, so that a file with
// holes takes no more when it comes back from an archive. Returns 0 or an errno.
int sparse_write(int fd, uint64_t size, const uint8_t *bytes, size_t length);

// Makes the file as long as it is to be, where its end is a hole.
int sparse_end(int fd, uint64_t size);
