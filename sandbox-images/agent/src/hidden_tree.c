#include "hidden_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

#define PREFIX ".berth-tree-"

void hidden_tree_name(char name[HIDDEN_TREE_NAME_BYTES])
{
  uint64_t number = 0;
  // Blocks at most until the machine has booted.
  if (getrandom(&number, sizeof number, 0) < 0)
    number = (uint64_t)getpid();
  snprintf(name, HIDDEN_TREE_NAME_BYTES, PREFIX "%016llx", (unsigned long long)number);
}

bool hidden_tree_lock(int fd)
{
  return flock(fd, LOCK_EX | LOCK_NB) == 0;
}

bool hidden_tree_is_left(int root, const char *name)
{
  if (strncmp(name, PREFIX, strlen(PREFIX)) != 0)
    return false;
  int fd = openat(root, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
  // Only files and directories are ever worked on for longer than a turn of the loop.
  if (fd < 0)
    return errno != ENOENT;
  bool is_left = hidden_tree_lock(fd);
  close(fd);
  return is_left;
}
