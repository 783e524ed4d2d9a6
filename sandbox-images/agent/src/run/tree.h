// The processes that a run started, and everything that these started in turn.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct tally {
  uint64_t cpu_us;
  uint64_t peak_memory_bytes;
};

struct death {
  pid_t pid;
  int status;
};

// Collects one process that has ended; adds what it used. False when none is there, errno ECHILD when none is left.
bool tree_reap(struct tally *tally, struct death *death);

// Kills everything once. What is born meanwhile, or cannot die at once, takes another call.
void tree_kill(bool is_init);

// Whether nothing is left but the agent; to be asked when there is nothing to reap any more.
bool tree_is_gone(bool is_init);

// Kills and reaps until nothing is left; false when that took more than the time a process may take to die.
bool tree_kill_and_wait(bool is_init);

#define TREE_DEADLINE_US 5000000
