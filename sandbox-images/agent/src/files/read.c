// READ: sends a regular file.

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/agent.h"
#include "core/request.h"
#include "files/entry.h"
#include "files/operations.h"
#include "paths/regular.h"
#include "paths/resolve.h"

enum { TAG_PATH = 1, TAG_OFFSET, TAG_LENGTH };

struct read {
  char path[PATH_MAX];
  int file;
  uint64_t offset;
  uint64_t left;
  uint64_t sent;
};

static bool read_request(void *state, struct fields *fields)
{
  struct read *reading = state;
  reading->file = -1;
  reading->left = UINT64_MAX;
  const struct parameter parameters[] = {
    {TAG_PATH, VALUE_PATH | REQUIRED, reading->path},
    {TAG_OFFSET, VALUE_U64, &reading->offset},
    {TAG_LENGTH, VALUE_U64, &reading->left},
  };
  return request_read(fields, parameters, COUNT(parameters));
}

static int open_file(int root, const char *path, struct stat *file)
{
  int place = resolve_open(root, path, O_PATH);
  if (place < 0)
    return -1;
  int fd = regular_reopen(place, file);
  int error = errno;
  close(place);
  errno = error;
  return fd;
}

// What comes to be behind the end meanwhile is not sent: the size has been announced.
static void limit_to_size(struct read *reading, uint64_t size)
{
  uint64_t most = reading->offset < size ? size - reading->offset : 0;
  if (reading->left > most)
    reading->left = most;
}

static void announce(struct agent *agent, const struct channel *channel, const char *path, const struct stat *file)
{
  uint8_t *event = output_begin(&agent->output, FRAME_EVENT, channel->number, 0);
  event[0] = EVENT_FILE;
  output_commit(&agent->output, (size_t)(entry_field(event + 1, path, file) - event));
}

static int begin(struct agent *agent, struct channel *channel)
{
  struct read *reading = channel->state;
  struct stat file;
  reading->file = open_file(agent->root, reading->path, &file);
  if (reading->file < 0)
    return errno;
  limit_to_size(reading, (uint64_t)file.st_size);
  announce(agent, channel, reading->path, &file);
  return 0;
}

static void finish(struct agent *agent, struct channel *channel)
{
  const struct read *reading = channel->state;
  uint8_t fields[16];
  channel_end_stream(agent, channel);
  channel_result(agent, channel, fields, field_put64(fields, 1, reading->sent));
}

// One frame of the file; false when there is nothing more to send, or no room for it now.
static bool send_frame(struct agent *agent, struct channel *channel)
{
  struct read *reading = channel->state;
  size_t room = channel_data_room(agent, channel);
  size_t length = room < reading->left ? room : (size_t)reading->left;
  if (length == 0)
    return false;
  ssize_t got = pread(reading->file, channel_begin_data(agent, channel), length, (off_t)reading->offset);
  if (got < 0) {
    channel_fail(agent, channel, errno);
    return false;
  }
  if (got == 0) {
    // It has become shorter than it was.
    reading->left = 0;
    return false;
  }
  channel_commit_data(agent, channel, (size_t)got);
  reading->offset += (size_t)got;
  reading->sent += (size_t)got;
  reading->left -= (size_t)got;
  return true;
}

static bool pump(struct agent *agent, struct channel *channel)
{
  const struct read *reading = channel->state;
  bool has_sent = send_frame(agent, channel);
  // It may have failed, which takes the channel and all.
  if (channel->operation == NULL || reading->left > 0 || !output_has_room(&agent->output))
    return has_sent;
  finish(agent, channel);
  return false;
}

static void release(struct agent *agent, void *state)
{
  (void)agent;
  const struct read *reading = state;
  if (reading->file >= 0)
    close(reading->file);
}

const struct operation read_operation = {
  .name = "READ",
  .state_bytes = sizeof(struct read),
  .outgoing = 1u << 0,
  .read = read_request,
  .begin = begin,
  .pump = pump,
  .release = release,
};
