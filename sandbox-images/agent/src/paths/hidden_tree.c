#include "paths/hidden_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/channel.h"

// Few and fixed, so that what is left behind is found without searching the root. Two agents may be at work in it.
#define SLOTS (2 * MAX_CHANNELS)

static void name_slot(char name[HIDDEN_TREE_NAME_BYTES], unsigned int slot)
{
  snprintf(name, HIDDEN_TREE_NAME_BYTES, ".berth-tree-%u", slot % SLOTS);
}

void hidden_tree_name(int root, char name[HIDDEN_TREE_NAME_BYTES])
{
  struct stat file;
  // Two agents begin at different ones, or they might choose the same.
  uint8_t first = 0;
  if (getrandom(&first, sizeof first, GRND_NONBLOCK) < 0)
    first = (uint8_t)getpid();
  for (unsigned int tries = 0; tries < SLOTS; tries++) {
    name_slot(name, first + tries);
    if (fstatat(root, name, &file, AT_SYMLINK_NOFOLLOW) < 0)
      return;
  }
}

void hidden_tree_lock(int fd)
{
  flock(fd, LOCK_EX | LOCK_NB);
}

static bool is_left(int root, const char *name)
{
  int fd = openat(root, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
  // Only files and directories are ever worked on for longer than a turn of the loop.
  if (fd < 0)
    return errno != ENOENT;
  bool is_unlocked = flock(fd, LOCK_EX | LOCK_NB) == 0;
  close(fd);
  return is_unlocked;
}

enum progress sweep_advance(struct sweep *sweep, int root, const struct slice *slice)
{
  for (; sweep->slot < SLOTS; sweep->slot++) {
    if (sweep->removal.patience == 0) {
      name_slot(sweep->name, sweep->slot);
      if (!is_left(root, sweep->name))
        continue;
      removal_begin(&sweep->removal, root, sweep->name, true);
    }
    if (removal_advance(&sweep->removal, slice) == PROGRESS_MORE)
      return PROGRESS_MORE;
    // What cannot be removed stays, and stays hidden.
    removal_end(&sweep->removal);
    sweep->removal.patience = 0;
  }
  return PROGRESS_DONE;
}
