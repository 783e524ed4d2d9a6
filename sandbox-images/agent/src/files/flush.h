// Waiting for the disk, which may take seconds, in a thread of its own: other operations go on meanwhile.
#pragma once

#include <pthread.h>
#include <stdbool.h>

struct flush {
  // Readable when it is over; -1 when it was over at once.
  int event;
  bool has_thread;
  pthread_t thread;
  int fd;
  int (*how)(int fd);
  int error;
};

// `how` is fsync or syncfs. The descriptor must stay open until the end.
void flush_start(struct flush *flush, int fd, int (*how)(int fd));

// Waits for the end, if need be, and returns 0 or an errno.
int flush_end(struct flush *flush);
