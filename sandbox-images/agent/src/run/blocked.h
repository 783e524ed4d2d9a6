// Whether a process has a thread that sleeps until a certain pipe has something to read.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct pipe_identity {
  dev_t device;
  ino_t inode;
};

// Counts the threads it has checked down, and stops at zero.
bool blocked_on_pipe(pid_t pid, const struct pipe_identity *pipe, int *threads_left);
