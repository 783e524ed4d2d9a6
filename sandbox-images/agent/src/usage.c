#include "usage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent.h"
#include "file_answer.h"
#include "inode_set.h"
#include "names.h"
#include "request.h"
#include "slice.h"
#include "traversal.h"

#define BLOCK_BYTES 512
// A directory that its owner has closed would hide what is in it.
#define NEEDED 0500

enum { TAG_EXCLUDE = 5, TAG_MAX_BYTES, TAG_MAX_ENTRIES };

struct usage {
  struct traversal traversal;
  struct names excluded;
  struct inode_set seen;
  uint64_t bytes;
  uint64_t max_bytes;
  uint32_t entries;
  uint32_t max_entries;
};

static void let_go(struct usage *usage)
{
  traversal_end(&usage->traversal);
  names_free(&usage->excluded);
  inode_set_free(&usage->seen);
  free(usage);
}

static void count(struct usage *usage, const struct stat *file)
{
  usage->entries++;
  if (S_ISDIR(file->st_mode) || file->st_nlink == 1 || inode_set_add(&usage->seen, file->st_ino))
    usage->bytes += (uint64_t)file->st_blocks * BLOCK_BYTES;
}

static enum progress step(struct usage *usage)
{
  struct traversal *traversal = &usage->traversal;
  enum visit visit = traversal_next(traversal);
  if (visit == VISIT_FILE || visit == VISIT_DIRECTORY)
    count(usage, &traversal->file);
  if (visit == VISIT_DIRECTORY && names_have(&usage->excluded, traversal->name))
    traversal_skip(traversal);
  // What is deeper than AppArmor looks is in nobody's sight, and could be any amount.
  if (visit == VISIT_FAILED || (visit == VISIT_UNREADABLE && traversal->error == ENAMETOOLONG))
    return PROGRESS_FAILED;
  bool is_over = usage->bytes > usage->max_bytes || usage->entries > usage->max_entries;
  return visit == VISIT_END || is_over ? PROGRESS_DONE : PROGRESS_MORE;
}

static void finish(struct agent *agent, struct channel *channel)
{
  const struct usage *usage = channel->state;
  uint8_t fields[32];
  uint8_t *end = field_put32(field_put64(fields, 1, usage->bytes), 2, usage->entries);
  channel_result(agent, channel, fields, (size_t)(end - fields));
}

static bool pump(struct agent *agent, struct channel *channel)
{
  struct slice slice = slice_begin();
  if (!output_has_room(&agent->output))
    return false;
  struct usage *usage = channel->state;
  enum progress progress;
  do
    progress = step(usage);
  while (progress == PROGRESS_MORE && !slice_is_over(&slice));
  if (progress == PROGRESS_FAILED)
    tree_fail(agent, channel, usage->traversal.error);
  else if (progress == PROGRESS_DONE)
    finish(agent, channel);
  return progress == PROGRESS_MORE;
}

static void on_drop(struct agent *agent, struct channel *channel)
{
  (void)agent;
  let_go(channel->state);
}

static const struct operation usage_operation = {
  .cancel = file_cancel,
  .pump = pump,
  .drop = on_drop,
};

static int begin(struct usage *usage, int root)
{
  int fd = directory_open(root, ".", NEEDED);
  if (fd < 0)
    return errno;
  struct stat file;
  if (fstat(fd, &file) == 0)
    usage->bytes = (uint64_t)file.st_blocks * BLOCK_BYTES;
  return traversal_begin(&usage->traversal, fd, NEEDED) ? 0 : errno;
}

void usage_open(struct agent *agent, uint16_t number, struct fields *fields)
{
  struct usage *usage = channel_has_room(agent) ? calloc(1, sizeof *usage) : NULL;
  if (usage == NULL) {
    output_error(&agent->output, number, ERROR_BUSY, "too many channels");
    return;
  }
  usage->traversal = (struct traversal){.top = -1, .fd = -1};
  usage->max_bytes = UINT64_MAX;
  usage->max_entries = UINT32_MAX;
  const struct parameter parameters[] = {
    {TAG_EXCLUDE, VALUE_NAMES, &usage->excluded},
    {TAG_MAX_BYTES, VALUE_U64, &usage->max_bytes},
    {TAG_MAX_ENTRIES, VALUE_U32, &usage->max_entries},
  };
  if (!request_read(fields, parameters, sizeof parameters / sizeof *parameters)) {
    output_error(&agent->output, number, ERROR_BAD_REQUEST, "not the fields of a usage");
    let_go(usage);
    return;
  }
  int error = begin(usage, agent->root);
  if (error != 0) {
    file_refuse(agent, number, error);
    let_go(usage);
    return;
  }
  channel_open(agent, number, &usage_operation, usage);
}
