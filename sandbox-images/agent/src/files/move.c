#include "files/move.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/agent.h"
#include "core/request.h"
#include "files/file_answer.h"
#include "paths/renaming.h"
#include "paths/replaced.h"
#include "paths/resolve.h"

enum { TAG_PATH = 1, TAG_TO, TAG_OVERWRITE };

struct move {
  char path[PATH_MAX];
  char to[PATH_MAX];
  bool overwrite;
  struct place source;
  struct place target;
  struct replaced replaced;
};

static void let_go(struct move *move)
{
  replaced_end(&move->replaced);
  place_close(&move->source);
  place_close(&move->target);
  free(move);
}

static bool pump(struct agent *agent, struct channel *channel)
{
  struct move *move = channel->state;
  struct slice slice = slice_begin();
  if (!output_has_room(&agent->output))
    return false;
  if (removal_advance(&move->replaced.removal, &slice) == PROGRESS_MORE)
    return true;
  // What could not be removed is out of the way all the same; the move itself is done.
  file_finish(agent, channel, move->to, &move->target);
  return false;
}

// The move is done, and only what it has replaced is left to be removed.
static void on_cancel(struct agent *agent, struct channel *channel)
{
  (void)agent;
  (void)channel;
}

static void on_drop(struct agent *agent, struct channel *channel)
{
  (void)agent;
  let_go(channel->state);
}

static const struct operation move_operation = {
  .cancel = on_cancel,
  .pump = pump,
  .drop = on_drop,
};

static bool read_fields(struct move *move, struct fields *fields)
{
  const struct parameter parameters[] = {
    {TAG_PATH, VALUE_PATH, move->path}, {TAG_TO, VALUE_PATH, move->to}, {TAG_OVERWRITE, VALUE_FLAG, &move->overwrite}};
  return request_read(fields, parameters, 3) && request_has(fields, TAG_PATH) && request_has(fields, TAG_TO);
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
  error = replaced_begin(&move->replaced, root, &move->source);
  if (error != 0)
    rename_back(&move->source, &move->target);
  return error;
}

void move_open(struct agent *agent, uint16_t number, struct fields *fields)
{
  struct move *move = channel_has_room(agent) ? calloc(1, sizeof *move) : NULL;
  if (move == NULL) {
    output_error(&agent->output, number, ERROR_BUSY, "too many channels");
    return;
  }
  bool is_exchanged = false;
  move->source.parent = move->target.parent = move->replaced.fd = -1;
  if (!read_fields(move, fields)) {
    output_error(&agent->output, number, ERROR_BAD_REQUEST, "not the fields of a move");
    let_go(move);
    return;
  }
  int error = carry_out(move, agent->root, &is_exchanged);
  struct channel *channel = channel_open(agent, number, &move_operation, move);
  if (error != 0)
    file_fail(agent, channel, error);
  else if (!is_exchanged)
    file_finish(agent, channel, move->to, &move->target);
}
