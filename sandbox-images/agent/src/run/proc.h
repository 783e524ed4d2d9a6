// What /proc has about the other processes of the sandbox.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct proc_stat {
  char state;
  // It may be a while between the loss of its memory and the state that says so: no command, no environment are left.
  bool has_ended;
  pid_t parent;
  pid_t session;
  // The process group in the foreground of its terminal; -1 without one.
  pid_t foreground;
  unsigned long user_ticks;
  unsigned long system_ticks;
  // After the boot of the machine: with the process id, it is this process and no later one.
  unsigned long long start_ticks;
  long resident_pages;
};

// Calls `visit` for every process, in rising order, until it returns false.
void proc_visit(bool (*visit)(pid_t pid, void *context), void *context);

// The start of /proc/<pid>/<file>, with a terminating zero added; how long it is, or -1 when it is gone or may not be read.
ssize_t proc_read(pid_t pid, const char *file, char *text, size_t size);

bool proc_stat(pid_t pid, struct proc_stat *stat);
