// What a sleeping thread's system call is, where /proc does not show it (gVisor): it is stopped for an instant and asked.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct blocked_call {
  long number;
  unsigned long arguments[6];
};

// False for a thread that is at work, is traced already, or has ended. Calls that the kernel restarts go on unharmed.
bool stopped_call(pid_t pid, pid_t thread, struct blocked_call *call);
