#include "files/file_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "paths/regular.h"

// Well below a millisecond where the pages are in memory.
#define PIECE (512 * 1024)

int file_copy_begin(struct file_copy *copy, int parent, const char *name, int to_parent, const char *to_name)
{
  copy->at = 0;
  int place = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (place < 0)
    return errno;
  copy->from = regular_reopen(place, &copy->file);
  int error = errno;
  close(place);
  if (copy->from < 0)
    return error;
  copy->to = openat(to_parent, to_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  return copy->to < 0 ? errno : 0;
}

// Where the next data begins and ends: a hole stays a hole. False when there is none.
static bool find_data(const struct file_copy *copy, off_t *begin, off_t *end)
{
  off_t size = copy->file.st_size;
  *begin = lseek(copy->from, copy->at, SEEK_DATA);
  if (*begin < 0 && errno == ENXIO)
    return false;
  // A file system that knows no holes.
  if (*begin < 0)
    *begin = copy->at;
  *end = lseek(copy->from, *begin, SEEK_HOLE);
  if (*end < 0 || *end > size)
    *end = size;
  return *begin < size;
}

// What shares blocks or copies inside of the kernel does so; the rest goes through its page cache.
static ssize_t copy_piece(const struct file_copy *copy, off_t begin, size_t length)
{
  off_t from = begin;
  off_t to = begin;
  ssize_t copied = copy_file_range(copy->from, &from, copy->to, &to, length, 0);
  if (copied >= 0 || (errno != ENOSYS && errno != EXDEV && errno != EINVAL && errno != EOPNOTSUPP))
    return copied;
  from = begin;
  return lseek(copy->to, begin, SEEK_SET) < 0 ? -1 : sendfile(copy->to, copy->from, &from, length);
}

static int finish(const struct file_copy *copy)
{
  const struct timespec times[2] = {copy->file.st_atim, copy->file.st_mtim};
  bool good = ftruncate(copy->to, copy->file.st_size) == 0 && fchmod(copy->to, copy->file.st_mode & 07777) == 0 &&
              futimens(copy->to, times) == 0;
  return good ? 0 : errno;
}

int file_copy_advance(struct file_copy *copy, uint64_t *left, bool *is_done)
{
  off_t begin = 0;
  off_t end = 0;
  *is_done = !find_data(copy, &begin, &end);
  if (*is_done)
    return finish(copy);
  if (*left == 0)
    return EDQUOT;
  uint64_t length = (uint64_t)(end - begin);
  length = length > PIECE ? PIECE : length;
  ssize_t copied = copy_piece(copy, begin, (size_t)(length > *left ? *left : length));
  if (copied < 0)
    return errno;
  // The file has been cut short meanwhile.
  if (copied == 0)
    copy->file.st_size = begin;
  copy->at = begin + copied;
  *left -= (uint64_t)copied;
  return 0;
}

void file_copy_end(struct file_copy *copy)
{
  if (copy->from >= 0)
    close(copy->from);
  if (copy->to >= 0)
    close(copy->to);
  copy->from = copy->to = -1;
}
