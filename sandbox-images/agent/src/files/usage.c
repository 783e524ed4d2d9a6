// USAGE: what everything takes on the disk.

#include <errno.h>

#include "core/agent.h"
#include "core/names.h"
#include "core/request.h"
#include "core/slice.h"
#include "files/operations.h"
#include "paths/inode_set.h"
#include "paths/traversal.h"

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

static bool pump(struct agent *agent, struct channel *channel)
{
  struct usage *usage = channel->state;
  struct slice slice = slice_begin();
  uint8_t fields[32];
  enum progress progress;
  do
    progress = step(usage);
  while (progress == PROGRESS_MORE && !slice_is_over(&slice));
  if (progress == PROGRESS_FAILED)
    channel_fail_in_tree(agent, channel, usage->traversal.error);
  else if (progress == PROGRESS_DONE)
    channel_result(agent, channel, fields, field_put32(field_put64(fields, 1, usage->bytes), 2, usage->entries));
  return progress == PROGRESS_MORE;
}

static bool read_request(void *state, struct fields *fields)
{
  struct usage *usage = state;
  usage->traversal = (struct traversal){.top = -1, .fd = -1};
  usage->max_bytes = UINT64_MAX;
  usage->max_entries = UINT32_MAX;
  const struct parameter parameters[] = {
    {TAG_EXCLUDE, VALUE_NAMES, &usage->excluded},
    {TAG_MAX_BYTES, VALUE_U64, &usage->max_bytes},
    {TAG_MAX_ENTRIES, VALUE_U32, &usage->max_entries},
  };
  return request_read(fields, parameters, COUNT(parameters));
}

static int begin(struct agent *agent, struct channel *channel)
{
  struct usage *usage = channel->state;
  int fd = directory_open(agent->root, ".", NEEDED);
  if (fd < 0)
    return errno;
  struct stat file;
  if (fstat(fd, &file) == 0)
    usage->bytes = (uint64_t)file.st_blocks * BLOCK_BYTES;
  return traversal_begin(&usage->traversal, fd, NEEDED) ? 0 : errno;
}

static void release(struct agent *agent, void *state)
{
  (void)agent;
  struct usage *usage = state;
  traversal_end(&usage->traversal);
  names_free(&usage->excluded);
  inode_set_free(&usage->seen);
}

const struct operation usage_operation = {
  .name = "USAGE",
  .state_bytes = sizeof(struct usage),
  .read = read_request,
  .begin = begin,
  .pump = pump,
  .release = release,
};
