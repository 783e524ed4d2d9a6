#include "files/read.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/agent.h"
#include "core/request.h"
#include "files/entry.h"
#include "files/file_answer.h"
#include "paths/regular.h"
#include "paths/resolve.h"

enum { TAG_PATH = 1, TAG_OFFSET, TAG_LENGTH };

struct read {
  int file;
  uint64_t offset;
  uint64_t left;
  uint64_t sent;
};

static void finish(struct agent *agent, struct channel *channel)
{
  const struct read *reading = channel->state;
  uint8_t fields[16];
  uint8_t *end = field_put64(fields, 1, reading->sent);
  output_frame(&agent->output, FRAME_END, channel->number, 0, NULL, 0);
  channel_result(agent, channel, fields, (size_t)(end - fields));
}

static size_t next_length(const struct agent *agent, const struct channel *channel, uint64_t left)
{
  size_t length = output_data_room(&agent->output);
  if (length > channel->send_credit[0])
    length = channel->send_credit[0];
  return length > left ? (size_t)left : length;
}

static void advance(struct read *reading, size_t bytes)
{
  reading->offset += bytes;
  reading->sent += bytes;
  reading->left -= bytes;
}

// One frame of the file; false when there is nothing more to send, or no room for it now.
static bool send_frame(struct agent *agent, struct channel *channel)
{
  struct read *reading = channel->state;
  size_t length = next_length(agent, channel, reading->left);
  if (length == 0)
    return false;
  uint8_t *payload = output_begin(&agent->output, FRAME_DATA, channel->number, 0);
  ssize_t got = pread(reading->file, payload, length, (off_t)reading->offset);
  if (got < 0) {
    file_fail(agent, channel, errno);
    return false;
  }
  if (got == 0) {
    // It has become shorter than it was.
    reading->left = 0;
    return false;
  }
  output_commit(&agent->output, (size_t)got);
  channel->send_credit[0] -= (uint32_t)got;
  advance(reading, (size_t)got);
  return true;
}

static bool pump(struct agent *agent, struct channel *channel)
{
  struct read *reading = channel->state;
  bool has_sent = send_frame(agent, channel);
  // It may have failed, which takes the channel and all.
  if (channel->operation == NULL || reading->left > 0 || !output_has_room(&agent->output))
    return has_sent;
  finish(agent, channel);
  return false;
}

static void let_go(struct read *reading)
{
  if (reading->file >= 0)
    close(reading->file);
  free(reading);
}

static void on_drop(struct agent *agent, struct channel *channel)
{
  (void)agent;
  let_go(channel->state);
}

static const struct operation read_operation = {
  .outgoing = 1u << 0,
  .cancel = file_cancel,
  .pump = pump,
  .drop = on_drop,
};

static bool read_request(struct read *reading, char path[PATH_MAX], struct fields *fields)
{
  const struct parameter parameters[] = {
    {TAG_PATH, VALUE_PATH, path},
    {TAG_OFFSET, VALUE_U64, &reading->offset},
    {TAG_LENGTH, VALUE_U64, &reading->left},
  };
  return request_read(fields, parameters, 3) && request_has(fields, TAG_PATH);
}

static int open_file(struct agent *agent, const char *path, struct stat *file)
{
  int place = resolve_open(agent->root, path, O_PATH);
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

static void announce(struct agent *agent, uint16_t number, const char *path, const struct stat *file)
{
  uint8_t *event = output_begin(&agent->output, FRAME_EVENT, number, 0);
  event[0] = EVENT_FILE;
  uint8_t *field = event + 1;
  uint8_t *end = field_close(field, 1, entry_put_stat(field + FIELD_HEADER_BYTES, path, file));
  output_commit(&agent->output, (size_t)(end - event));
}

void read_open(struct agent *agent, uint16_t number, struct fields *fields)
{
  struct read *reading = channel_has_room(agent) ? malloc(sizeof *reading) : NULL;
  if (reading == NULL) {
    output_error(&agent->output, number, ERROR_BUSY, "too many channels");
    return;
  }
  *reading = (struct read){.file = -1, .left = UINT64_MAX};
  char path[PATH_MAX];
  if (!read_request(reading, path, fields)) {
    output_error(&agent->output, number, ERROR_BAD_REQUEST, "not the fields of a read");
    let_go(reading);
    return;
  }
  struct stat file;
  reading->file = open_file(agent, path, &file);
  if (reading->file < 0) {
    file_refuse(agent, number, errno);
    let_go(reading);
    return;
  }
  limit_to_size(reading, (uint64_t)file.st_size);
  announce(agent, number, path, &file);
  channel_open(agent, number, &read_operation, reading);
}
