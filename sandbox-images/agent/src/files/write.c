#include "files/write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/agent.h"
#include "files/entry.h"
#include "files/file_answer.h"
#include "files/flush.h"
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

static void let_go(struct write *write)
{
  flush_end(&write->flush);
  if (write->directory >= 0)
    close(write->directory);
  written_file_end(&write->file);
  free(write);
}

static void finish(struct agent *agent, struct channel *channel)
{
  const struct write *write = channel->state;
  struct stat file;
  if (fstat(write->file.temporary.fd, &file) < 0) {
    file_fail(agent, channel, errno);
    return;
  }
  uint8_t fields[ENTRY_FIELD_BYTES + FIELD_HEADER_BYTES + 1];
  uint8_t *end = entry_put_stat(fields + FIELD_HEADER_BYTES, write->file.request.path, &file);
  end = field_put8(field_close(fields, 1, end), 2, write->file.is_created);
  channel_result(agent, channel, fields, (size_t)(end - fields));
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
    file_fail(agent, channel, error);
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
    file_fail(agent, channel, error);
  else if (write->stage == WRITE_FLUSHING_NAME)
    finish(agent, channel);
  else if (write->is_cancelled)
    file_cancel(agent, channel);
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
    file_fail(agent, channel, error);
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
    file_fail(agent, channel, error);
  else if (write->file.request.is_flushed)
    start_flush(agent, channel, WRITE_FLUSHING_FILE, write->file.temporary.fd, fsync);
  else
    take_name(agent, channel);
}

// While the disk is at work nothing can be undone: what follows then says what has become of the write.
static void on_cancel(struct agent *agent, struct channel *channel)
{
  struct write *write = channel->state;
  if (write->stage == WRITE_RECEIVING)
    file_cancel(agent, channel);
  else
    write->is_cancelled = true;
}

static struct pollfd on_watch(const struct agent *agent, const struct channel *channel)
{
  (void)agent;
  const struct write *write = channel->state;
  return (struct pollfd){.fd = write->flush.event, .events = POLLIN};
}

static void on_drop(struct agent *agent, struct channel *channel)
{
  (void)agent;
  let_go(channel->state);
}

static const struct operation write_operation = {
  .data = on_data,
  .end = on_end,
  .cancel = on_cancel,
  .watch = on_watch,
  .ready = go_on,
  .drop = on_drop,
};

void write_open(struct agent *agent, uint16_t number, struct fields *fields)
{
  struct write *write = channel_has_room(agent) ? malloc(sizeof *write) : NULL;
  if (write == NULL) {
    output_error(&agent->output, number, ERROR_BUSY, "too many channels");
    return;
  }
  *write = (struct write){.file = {.place.parent = -1, .temporary.fd = -1}, .directory = -1, .flush.event = -1};
  if (!write_request_read(&write->file.request, fields)) {
    output_error(&agent->output, number, ERROR_BAD_REQUEST, "not the fields of a write");
    let_go(write);
    return;
  }
  int error = written_file_begin(&write->file, agent->root);
  if (error != 0) {
    file_refuse(agent, number, error);
    let_go(write);
    return;
  }
  channel_open(agent, number, &write_operation, write);
  uint8_t event = EVENT_ACCEPTED;
  output_frame(&agent->output, FRAME_EVENT, number, 0, &event, sizeof event);
}
