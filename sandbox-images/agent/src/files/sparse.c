#include "files/sparse.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

// A smaller run of zeros would save nothing on any file system.
#define BLOCK 4096

// Also a part of a block: the rest of it may come with the next bytes, and nothing else was ever written there.
static bool is_zero(const uint8_t *bytes, size_t length)
{
  return bytes[0] == 0 && memcmp(bytes, bytes + 1, length - 1) == 0;
}

static size_t block_length(uint64_t at, size_t left)
{
  size_t length = BLOCK - (size_t)(at % BLOCK);
  return length < left ? length : left;
}

static int write_all(int fd, uint64_t at, const uint8_t *bytes, size_t length)
{
  for (size_t done = 0; done < length;) {
    ssize_t written = pwrite(fd, bytes + done, length - done, (off_t)(at + done));
    if (written < 0 && errno != EINTR)
      return errno;
    done += written > 0 ? (size_t)written : 0;
  }
  return 0;
}

int sparse_write(int fd, uint64_t size, const uint8_t *bytes, size_t length)
{
  size_t begin = 0;
  int error = 0;
  for (size_t at = 0; at < length && error == 0;) {
    size_t block = block_length(size + at, length - at);
    if (is_zero(bytes + at, block)) {
      error = write_all(fd, size + begin, bytes + begin, at - begin);
      begin = at + block;
    }
    at += block;
  }
  return error == 0 ? write_all(fd, size + begin, bytes + begin, length - begin) : error;
}

int sparse_end(int fd, uint64_t size)
{
  return ftruncate(fd, (off_t)size) < 0 ? errno : 0;
}
