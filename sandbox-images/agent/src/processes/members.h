// Which processes of the sandbox belong to which of those that PID 1 keeps: their descendants, those of their sessions,
// and what carries their mark in its environment.
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "run/proc.h"

struct process;
struct processes;

#define MOST_MEMBERS 8192

struct member {
  pid_t pid;
  struct proc_stat stat;
  // NULL: of none.
  const struct process *owner;
};

// All that there are but zombies and PID 1 itself, by rising number; valid until the next call.
size_t members_find(const struct processes *processes, const struct member **members);

// Sends a signal, or none (0), to all that belong to a process; returns how many there were.
size_t members_signal(const struct processes *processes, const struct process *owner, int signal);
