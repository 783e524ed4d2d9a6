// MOVE: renames a file, a link or a directory.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/agent.h"
#include "core/request.h"
#include "files/entry.h"
#include "files/operations.h"
#include "paths/hidden_tree.h"
#include "paths/removal.h"
#include "paths/renaming.h"
#include "paths/resolve.h"

enum { TAG_PATH = 1, TAG_TO, TAG_OVERWRITE };

struct move {
  char path[PATH_MAX];
  char to[PATH_MAX];
  bool overwrite;
  struct place source;
  struct place target;
  // What has been replaced, under a hidden name, while it is removed; -1: no descriptor has it locked.
  struct removal replaced;
  int lock;
};

static void release(struct agent *agent, void *state)
{
  (void)agent;
  struct move *move = state;
  removal_end(&move->replaced);
  if (move->lock >= 0)
    close(move->lock);
  place_close(&move->source);
  place_close(&move->target);
}

static bool pump(struct agent *agent, struct channel *channel)
{
  struct move *move = channel->state;
  struct slice slice = slice_begin();
  if (removal_advance(&move->replaced, &slice) == PROGRESS_MORE)
    return true;
  // What could not be removed is out of the way all the same; the move itself is done.
  entry_result(agent, channel, move->to, &move->target);
  return false;
}

// The move is done, and only what it has replaced is left to be removed.
static void on_cancel(struct agent *agent, struct channel *channel)
{
  (void)agent;
  (void)channel;
}

static bool read_request(void *state, struct fields *fields)
{
  struct move *move = state;
  move->source.parent = move->target.parent = move->lock = -1;
  const struct parameter parameters[] = {{TAG_PATH, VALUE_PATH | REQUIRED, move->path},
                                         {TAG_TO, VALUE_PATH | REQUIRED, move->to},
                                         {TAG_OVERWRITE, VALUE_FLAG, &move->overwrite}};
  return request_read(fields, parameters, COUNT(parameters));
}

// No directory is made for the sake of something that is not there.
static int find(struct move *move, int root)
{
  struct stat file;
  int error = resolve_place(root, move->path, false, &move->source);
  if (error != 0)
    return error;
  if (fstatat(move->source.parent, move->source.name, &file, AT_SYMLINK_NOFOLLOW) < 0)
    return errno;
  return resolve_place(root, move->to, true, &move->target);
}

// Takes what has been exchanged from where it is now.
static int begin_removal(struct move *move, int root)
{
  char name[HIDDEN_TREE_NAME_BYTES];
  const struct place *place = &move->source;
  hidden_tree_name(root, name);
  // A directory has to be writable to be moved to another one. A file needs neither that nor a lock.
  move->lock = directory_open(place->parent, place->name, 0700);
  if (move->lock >= 0)
    hidden_tree_lock(move->lock);
  if (renameat(place->parent, place->name, root, name) < 0)
    return errno;
  removal_begin(&move->replaced, root, name, true);
  return 0;
}

static int carry_out(struct move *move, int root, bool *is_exchanged)
{
  int error = find(move, root);
  if (error != 0)
    return error;
  if (!move->overwrite)
    return rename_new(&move->source, &move->target);
  error = rename_over(&move->source, &move->target, is_exchanged);
  if (!*is_exchanged)
    return error;
  error = begin_removal(move, root);
  if (error != 0)
    rename_back(&move->source, &move->target);
  return error;
}

static int begin(struct agent *agent, struct channel *channel)
{
  struct move *move = channel->state;
  bool is_exchanged = false;
  int error = carry_out(move, agent->root, &is_exchanged);
  if (error == 0 && !is_exchanged)
    entry_result(agent, channel, move->to, &move->target);
  return error;
}

const struct operation move_operation = {
  .name = "MOVE",
  .state_bytes = sizeof(struct move),
  .read = read_request,
  .begin = begin,
  .cancel = on_cancel,
  .pump = pump,
  .release = release,
};
