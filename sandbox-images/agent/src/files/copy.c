// COPY: a file, a link or a directory with all that is in it.

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/agent.h"
#include "files/copy_request.h"
#include "files/entry.h"
#include "files/operations.h"
#include "files/tree_copy.h"
#include "paths/hidden_tree.h"
#include "paths/removal.h"
#include "paths/renaming.h"
#include "paths/resolve.h"

// As much of a path as a message bears, and the reason.
#define MESSAGE_BYTES 512
#define SHOWN_PATH_BYTES 400

enum copy_phase {
  // Removing what copies of agents that were killed have left.
  COPY_SWEEP,
  COPY_CONTENT,
  // Removing what has been replaced, or what has been made in vain; then the answer is due.
  COPY_CLEAR
};

struct copy {
  struct copy_request request;
  // In the root, which is borrowed.
  struct place hidden;
  bool is_made;
  int lock;
  enum copy_phase phase;
  struct sweep sweep;
  struct tree_copy tree;
  struct removal removal;
  // The answer, unless all goes well.
  enum error_code failure;
  char message[MESSAGE_BYTES];
};

// What the hidden name stands for now goes: the copy itself, or what it has replaced. If it stands for nothing, it may
// soon be another operation's.
static void clear(struct copy *copy, bool is_there)
{
  tree_copy_end(&copy->tree);
  if (is_there)
    removal_begin(&copy->removal, copy->hidden.parent, copy->hidden.name, true);
  copy->phase = COPY_CLEAR;
}

static void fail(struct copy *copy, enum error_code code, const char *message)
{
  char path[PATH_MAX];
  bool has_path = copy->tree.traversal.depth > 0 && traversal_path(&copy->tree.traversal, path) > 0;
  copy->failure = code;
  snprintf(copy->message, sizeof copy->message, "%.*s%s%s", SHOWN_PATH_BYTES, has_path ? path : "",
           has_path ? ": " : "", message);
  clear(copy, copy->is_made);
}

static void fail_with(struct copy *copy, int error)
{
  if (error == EDQUOT && copy->tree.left == 0)
    fail(copy, ERROR_TOO_LARGE, "more bytes than the copy may have");
  else
    fail(copy, tree_error_code_of(error), strerror(error));
}

static void begin_content(struct copy *copy)
{
  hidden_tree_name(copy->hidden.parent, copy->hidden.name);
  int error = tree_copy_begin(&copy->tree, copy->request.source.parent, copy->request.source.name, copy->hidden.parent,
                              copy->hidden.name, &copy->lock);
  copy->phase = COPY_CONTENT;
  copy->is_made = error == 0;
  if (copy->lock >= 0)
    hidden_tree_lock(copy->lock);
  if (error != 0)
    fail_with(copy, error);
}

static void put_in_place(struct copy *copy)
{
  bool is_exchanged = false;
  int error = copy->request.overwrite ? rename_over(&copy->hidden, &copy->request.target, &is_exchanged)
                              : rename_new(&copy->hidden, &copy->request.target);
  // Not before: a directory that may not be written to cannot be moved to another one.
  if (error == 0 && S_ISDIR(copy->tree.top.st_mode))
    tree_copy_seal(copy->lock, &copy->tree.top);
  if (error != 0)
    fail_with(copy, error);
  else
    clear(copy, is_exchanged);
}

static enum progress advance_content(struct copy *copy, const struct slice *slice)
{
  enum progress progress = tree_copy_advance(&copy->tree, slice);
  if (progress == PROGRESS_FAILED)
    fail_with(copy, copy->tree.error);
  else if (progress == PROGRESS_DONE)
    put_in_place(copy);
  return PROGRESS_MORE;
}

static enum progress advance(struct copy *copy, const struct slice *slice)
{
  switch (copy->phase) {
  case COPY_SWEEP:
    if (sweep_advance(&copy->sweep, copy->hidden.parent, slice) != PROGRESS_MORE)
      begin_content(copy);
    return PROGRESS_MORE;
  case COPY_CONTENT:
    return advance_content(copy, slice);
  case COPY_CLEAR:
    break;
  }
  return copy->removal.patience > 0 ? removal_advance(&copy->removal, slice) : PROGRESS_DONE;
}

static bool pump(struct agent *agent, struct channel *channel)
{
  struct copy *copy = channel->state;
  struct slice slice = slice_begin();
  enum progress progress;
  do
    progress = advance(copy, &slice);
  while (progress == PROGRESS_MORE && !slice_is_over(&slice));
  if (progress == PROGRESS_MORE)
    return true;
  // What cannot be removed is hidden all the same.
  if (*copy->message != 0)
    channel_error(agent, channel, copy->failure, copy->message);
  else
    entry_result(agent, channel, copy->request.to, &copy->request.target);
  return false;
}

static void on_cancel(struct agent *agent, struct channel *channel)
{
  (void)agent;
  struct copy *copy = channel->state;
  if (copy->phase == COPY_SWEEP)
    channel_error(agent, channel, ERROR_CANCELLED, "cancelled");
  else if (copy->phase == COPY_CONTENT)
    fail(copy, ERROR_CANCELLED, "cancelled");
}

// Also when the connection is over: nothing is to be left.
static void release(struct agent *agent, void *state)
{
  (void)agent;
  struct copy *copy = state;
  const struct slice whole = {INT64_MAX};
  if (copy->phase == COPY_CONTENT)
    clear(copy, true);
  if (copy->removal.patience > 0)
    removal_advance(&copy->removal, &whole);
  tree_copy_end(&copy->tree);
  removal_end(&copy->sweep.removal);
  removal_end(&copy->removal);
  if (copy->lock >= 0)
    close(copy->lock);
  copy_request_end(&copy->request);
}

static bool read_request(void *state, struct fields *fields)
{
  struct copy *copy = state;
  copy->lock = -1;
  bool is_good = copy_request_read(&copy->request, fields);
  tree_copy_init(&copy->tree, copy->request.most);
  return is_good;
}

static int begin(struct agent *agent, struct channel *channel)
{
  struct copy *copy = channel->state;
  copy->hidden.parent = agent->root;
  return copy_request_find(&copy->request, agent->root);
}

const struct operation copy_operation = {
  .name = "COPY",
  .state_bytes = sizeof(struct copy),
  .read = read_request,
  .begin = begin,
  .cancel = on_cancel,
  .pump = pump,
  .release = release,
};
