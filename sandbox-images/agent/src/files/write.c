// WRITE: one file, which appears under its name when it is complete.

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/agent.h"
#include "files/entry.h"
#include "files/flush.h"
#include "files/operations.h"
#include "files/sparse.h"
#include "files/written_file.h"

enum write_stage {
  WRITE_RECEIVING,
  WRITE_FLUSHING_FILE,
  // The file has its name; what is left is to have the disk know it.
  WRITE_FLUSHING_NAME
};

struct write {
  enum write_stage stage;
  struct written_file file;
  uint64_t size;
  bool is_cancelled;
  // Of the directory, opened for its flush; -1 otherwise.
  int directory;
  struct flush flush;
};

static void release(struct agent *agent, void *state)
{
  (void)agent;
  struct write *write = state;
  flush_end(&write->flush);
  if (write->directory >= 0)
    close(write->directory);
  written_file_end(&write->file);
}

static void finish(struct agent *agent, struct channel *channel)
{
  const struct write *write = channel->state;
  struct stat file;
  if (fstat(write->file.temporary.fd, &file) < 0) {
    channel_fail(agent, channel, errno);
    return;
  }
  uint8_t fields[ENTRY_FIELD_BYTES + FIELD_HEADER_BYTES + 1];
  uint8_t *end = entry_field(fields, write->file.request.path, &file);
  channel_result(agent, channel, fields, field_put8(end, 2, write->file.is_created));
}

static void go_on(struct agent *agent, struct channel *channel);

static void start_flush(struct agent *agent, struct channel *channel, enum write_stage stage, int fd, int (*how)(int))
{
  struct write *write = channel->state;
  write->stage = stage;
  flush_start(&write->flush, fd, how);
  if (write->flush.event < 0)
    go_on(agent, channel);
}

static void flush_name(struct agent *agent, struct channel *channel)
{
  struct write *write = channel->state;
  write->directory = openat(write->file.place.parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (write->directory >= 0)
    start_flush(agent, channel, WRITE_FLUSHING_NAME, write->directory, fsync);
  else
    // It may be written to but not read; then everything has to go to the disk.
    start_flush(agent, channel, WRITE_FLUSHING_NAME, write->file.temporary.fd, syncfs);
}

static void take_name(struct agent *agent, struct channel *channel)
{
  struct write *write = channel->state;
  int error = written_file_commit(&write->file);
  if (error != 0)
    channel_fail(agent, channel, error);
  else if (write->file.request.is_flushed)
    flush_name(agent, channel);
  else
    finish(agent, channel);
}

// A flush is over.
static void go_on(struct agent *agent, struct channel *channel)
{
  struct write *write = channel->state;
  int error = flush_end(&write->flush);
  if (error != 0)
    channel_fail(agent, channel, error);
  else if (write->stage == WRITE_FLUSHING_NAME)
    finish(agent, channel);
  else if (write->is_cancelled)
    channel_error(agent, channel, ERROR_CANCELLED, "cancelled");
  else
    take_name(agent, channel);
}

static void on_data(struct agent *agent, struct channel *channel, const uint8_t *bytes, size_t length)
{
  struct write *write = channel->state;
  if (length > write->file.request.most - write->size) {
    channel_error(agent, channel, ERROR_TOO_LARGE, "more bytes than the write may have");
    return;
  }
  int error = sparse_write(write->file.temporary.fd, write->size, bytes, length);
  if (error != 0) {
    channel_fail(agent, channel, error);
    return;
  }
  write->size += length;
  channel_consumed(agent, channel, length);
}

static void on_end(struct agent *agent, struct channel *channel)
{
  struct write *write = channel->state;
  int error = sparse_end(write->file.temporary.fd, write->size);
  if (error == 0)
    error = written_file_seal(&write->file);
  if (error != 0)
    channel_fail(agent, channel, error);
  else if (write->file.request.is_flushed)
    start_flush(agent, channel, WRITE_FLUSHING_FILE, write->file.temporary.fd, fsync);
  else
    take_name(agent, channel);
}

// While the disk is at work nothing can be undone: the last frame then has what has become of the write.
static void on_cancel(struct agent *agent, struct channel *channel)
{
  struct write *write = channel->state;
  if (write->stage == WRITE_RECEIVING)
    channel_error(agent, channel, ERROR_CANCELLED, "cancelled");
  else
    write->is_cancelled = true;
}

static struct pollfd on_watch(const struct agent *agent, const struct channel *channel)
{
  (void)agent;
  const struct write *write = channel->state;
  return (struct pollfd){.fd = write->flush.event, .events = POLLIN};
}

static bool read_request(void *state, struct fields *fields)
{
  struct write *write = state;
  *write = (struct write){.file = {.place.parent = -1, .temporary.fd = -1}, .directory = -1, .flush.event = -1};
  return write_request_read(&write->file.request, fields);
}

static int begin(struct agent *agent, struct channel *channel)
{
  struct write *write = channel->state;
  int error = written_file_begin(&write->file, agent->root);
  if (error == 0)
    channel_event(agent, channel, EVENT_ACCEPTED);
  return error;
}

const struct operation write_operation = {
  .name = "WRITE",
  .state_bytes = sizeof(struct write),
  .read = read_request,
  .begin = begin,
  .data = on_data,
  .end = on_end,
  .cancel = on_cancel,
  .watch = on_watch,
  .ready = go_on,
  .release = release,
};
