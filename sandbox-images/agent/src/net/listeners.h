// The programs' TCP sockets that listen, from /proc/net.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAX_LISTENERS 64
#define LONGEST_PROCESS 16

struct listener {
  uint16_t port;
  // On no address that can be reached from outside of the sandbox.
  bool is_loopback_only;
  unsigned long inode;
  // 0 if the owner is not known.
  uint32_t pid;
  // Empty if the owner is not known.
  char process[LONGEST_PROCESS];
};

struct listeners {
  size_t count;
  bool has_more;
  struct listener list[MAX_LISTENERS];
};

// One entry for each port.
void listeners_find(struct listeners *listeners);

// Finds the names of the programs that have the sockets open.
void listeners_name(struct listeners *listeners);
