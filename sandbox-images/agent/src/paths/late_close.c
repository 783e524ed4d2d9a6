#include "paths/late_close.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

// 16 MiB: what is smaller is freed in the time of a few slices.
#define LARGE_BLOCKS (16 * 1024 * 1024 / 512)

static void *run(void *fd)
{
  close((int)(intptr_t)fd);
  return NULL;
}

static bool is_large_and_gone(int fd)
{
  struct stat file;
  return fstat(fd, &file) == 0 && file.st_nlink == 0 && file.st_blocks >= LARGE_BLOCKS;
}

int late_open(int parent, const char *name)
{
  return openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

void late_close(int fd)
{
  pthread_t thread;
  if (fd < 0)
    return;
  if (is_large_and_gone(fd) && pthread_create(&thread, NULL, run, (void *)(intptr_t)fd) == 0)
    pthread_detach(thread);
  else
    close(fd);
}

int late_unlink(int parent, const char *name)
{
  int fd = late_open(parent, name);
  int result = unlinkat(parent, name, 0);
  int error = errno;
  late_close(fd);
  errno = error;
  return result;
}
