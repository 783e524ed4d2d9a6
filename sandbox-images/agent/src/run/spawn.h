// Starts a program the way PROTOCOL.md says a RUN finds itself.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/types.h>

struct program {
  char **argv;
  char **envp;
  // The working directory, opened beneath the root.
  int cwd;
  // Soft limit of the stack; 0 leaves the agent's own.
  uint64_t stack_bytes;
  // Its input is the terminal that controls its session.
  bool is_on_tty;
  // When memory runs out it goes before those of which that is not said, and these before the agent.
  bool is_first_to_go;
};

// The agent's ends of the program's pipes, all non-blocking.
struct pipes {
  int input;
  int output;
  int error;
};

// Returns 0, or the errno of the step that failed, exec included.
int spawn(const struct program *program, pid_t *pid, struct pipes *pipes);

// The same on a terminal of its own, instead of pipes; our end of it is non-blocking.
int spawn_on_tty(struct program program, const struct winsize *size, pid_t *pid, int *tty);
