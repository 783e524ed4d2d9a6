// Detects when a program is blocked reading its standard input.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct waiting {
  bool enabled;
  bool reported;
  dev_t device;
  ino_t inode;
  int64_t next_check;
  int64_t pause;
  // Where the next check goes on, when there were too many processes for one.
  pid_t after;
};

void waiting_start(struct waiting *waiting, int input, int64_t now);

// The program wrote something: it is at work, so check again soon, but report no wait twice.
void waiting_activity(struct waiting *waiting, int64_t now);

// The program got new input: the next wait is a new one.
void waiting_rearm(struct waiting *waiting, int64_t now);

void waiting_reported(struct waiting *waiting);
bool waiting_is_armed(const struct waiting *waiting);
bool waiting_is_due(const struct waiting *waiting, int64_t now);

// Checks a bounded number of threads; `input` is our end of the pipe, `program` the process started first.
bool waiting_check(struct waiting *waiting, int input, pid_t program, bool is_init, int64_t now);
