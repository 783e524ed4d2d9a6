#include "copy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent.h"
#include "copy_request.h"
#include "file_answer.h"
#include "hidden_tree.h"
#include "removal.h"
#include "renaming.h"
#include "resolve.h"
#include "tree_copy.h"

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

static void let_go(struct copy *copy)
{
  tree_copy_end(&copy->tree);
  removal_end(&copy->sweep.removal);
  removal_end(&copy->removal);
  if (copy->lock >= 0)
    close(copy->lock);
  copy_request_end(&copy->request);
  free(copy);
}

// What the hidden name stands for now goes: the copy itself, or what it has replaced. If it stands for nothing, it may
// soon be somebody else's.
static void clear(struct copy *copy, bool is_there)
{
  tree_copy_end(&copy->tree);
  if (is_there)
    removal_begin(&copy->removal, copy->hidden.parent, copy->hidden.name, true);
  copy->phase = COPY_CLEAR;
}

static void give_up(struct copy *copy, enum error_code code, const char *message)
{
  char path[PATH_MAX];
  bool has_path = copy->tree.traversal.depth > 0 && traversal_path(&copy->tree.traversal, path) > 0;
  copy->failure = code;
  snprintf(copy->message, sizeof copy->message, "%.*s%s%s", SHOWN_PATH_BYTES, has_path ? path : "",
           has_path ? ": " : "", message);
  clear(copy, copy->is_made);
}

static void give_up_for(struct copy *copy, int error)
{
  if (error == EDQUOT && copy->tree.left == 0)
    give_up(copy, ERROR_TOO_LARGE, "more bytes than the copy may have");
  else
    give_up(copy, tree_error(error), strerror(error));
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
    give_up_for(copy, error);
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
    give_up_for(copy, error);
  else
    clear(copy, is_exchanged);
}

static enum progress advance_content(struct copy *copy, const struct slice *slice)
{
  enum progress progress = tree_copy_advance(&copy->tree, slice);
  if (progress == PROGRESS_FAILED)
    give_up_for(copy, copy->tree.error);
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
  if (!output_has_room(&agent->output))
    return false;
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
    file_finish(agent, channel, copy->request.to, &copy->request.target);
  return false;
}

static void on_cancel(struct agent *agent, struct channel *channel)
{
  (void)agent;
  struct copy *copy = channel->state;
  if (copy->phase == COPY_SWEEP)
    file_cancel(agent, channel);
  else if (copy->phase == COPY_CONTENT)
    give_up(copy, ERROR_CANCELLED, "cancelled");
}

// The connection is over: nobody waits, and nothing is to be left.
static void on_drop(struct agent *agent, struct channel *channel)
{
  (void)agent;
  struct copy *copy = channel->state;
  const struct slice whole = {INT64_MAX};
  if (copy->phase == COPY_CONTENT)
    clear(copy, true);
  if (copy->removal.patience > 0)
    removal_advance(&copy->removal, &whole);
  let_go(copy);
}

static const struct operation copy_operation = {
  .cancel = on_cancel,
  .pump = pump,
  .drop = on_drop,
};

void copy_open(struct agent *agent, uint16_t number, struct fields *fields)
{
  struct copy *copy = channel_has_room(agent) ? calloc(1, sizeof *copy) : NULL;
  if (copy == NULL) {
    output_error(&agent->output, number, ERROR_BUSY, "too many channels");
    return;
  }
  copy->lock = -1;
  copy->hidden.parent = agent->root;
  bool good = copy_request_read(&copy->request, fields);
  tree_copy_init(&copy->tree, copy->request.most);
  int error = good ? copy_request_find(&copy->request, agent->root) : 0;
  if (good && error == 0) {
    channel_open(agent, number, &copy_operation, copy);
    return;
  }
  if (good)
    file_refuse(agent, number, error);
  else
    output_error(&agent->output, number, ERROR_BAD_REQUEST, "not the fields of a copy");
  let_go(copy);
}
