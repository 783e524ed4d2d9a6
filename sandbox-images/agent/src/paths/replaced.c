#include "paths/replaced.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

int replaced_begin(struct replaced *replaced, int root, const struct place *place)
{
  char name[HIDDEN_TREE_NAME_BYTES];
  hidden_tree_name(root, name);
  // A directory has to be writable to be moved to another one. A file needs neither that nor a lock.
  replaced->fd = directory_open(place->parent, place->name, 0700);
  if (replaced->fd >= 0)
    hidden_tree_lock(replaced->fd);
  if (renameat(place->parent, place->name, root, name) < 0)
    return errno;
  removal_begin(&replaced->removal, root, name, true);
  return 0;
}

void replaced_end(struct replaced *replaced)
{
  removal_end(&replaced->removal);
  if (replaced->fd >= 0)
    close(replaced->fd);
}
