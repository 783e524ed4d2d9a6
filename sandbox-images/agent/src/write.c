#include "write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent.h"
#include "entry.h"
#include "file_answer.h"
#include "flush.h"
#include "regular.h"
#include "resolve.h"
#include "temporary.h"
#include "write_request.h"

#define DEFAULT_MODE 0644

enum write_stage {
  WRITE_RECEIVING,
  WRITE_FLUSHING_FILE,
  // The file has its name; what is left is to have the disk know it.
  WRITE_FLUSHING_NAME
};

struct write {
  enum write_stage stage;
  struct write_request request;
  struct place place;
  struct temporary temporary;
  uint64_t size;
  bool is_created;
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
  temporary_end(&write->temporary, write->place.parent);
  place_close(&write->place);
  free(write);
}

static void finish(struct agent *agent, struct channel *channel)
{
  const struct write *write = channel->state;
  struct stat file;
  if (fstat(write->temporary.fd, &file) < 0) {
    file_fail(agent, channel, errno);
    return;
  }
  uint8_t fields[ENTRY_FIELD_BYTES + FIELD_HEADER_BYTES + 1];
  uint8_t *end = field_close(fields, 1, entry_put_stat(fields + FIELD_HEADER_BYTES, write->request.path, &file));
  end = field_put8(end, 2, write->is_created);
  channel_result(agent, channel, fields, (size_t)(end - fields));
}

// Checks what is to be replaced. 0 or an errno, ESTALE if it is not what the request expects.
static int check_target(const struct write *write, struct stat *file, bool *is_there)
{
  *is_there = fstatat(write->place.parent, write->place.name, file, AT_SYMLINK_NOFOLLOW) == 0;
  if (!*is_there && errno != ENOENT)
    return errno;
  if (!write_request_accepts(&write->request, *is_there ? file : NULL))
    return ESTALE;
  int error = *is_there ? regular_check(file->st_mode) : 0;
  if (error != 0 || !*is_there)
    return error;
  // The directory would let it be replaced, but somebody has said that it must not change.
  return file->st_mode & S_IWUSR ? 0 : EACCES;
}

// A program may still change the file between the check and the rename; other operations cannot.
static int commit(struct write *write)
{
  struct stat file;
  bool is_there;
  int error = check_target(write, &file, &is_there);
  if (error == 0)
    error = temporary_rename(&write->temporary, write->place.parent, write->place.name, !write->request.must_be_absent);
  write->is_created = !is_there;
  return error == EEXIST ? ESTALE : error;
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
  write->directory = openat(write->place.parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (write->directory >= 0)
    start_flush(agent, channel, WRITE_FLUSHING_NAME, write->directory, fsync);
  else
    // It may be written to but not read; then everything has to go to the disk.
    start_flush(agent, channel, WRITE_FLUSHING_NAME, write->temporary.fd, syncfs);
}

static void take_name(struct agent *agent, struct channel *channel)
{
  struct write *write = channel->state;
  int error = commit(write);
  if (error != 0)
    file_fail(agent, channel, error);
  else if (write->request.is_flushed)
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

static int write_all(int fd, const uint8_t *bytes, size_t length)
{
  for (size_t done = 0; done < length;) {
    ssize_t written = write(fd, bytes + done, length - done);
    if (written < 0 && errno != EINTR)
      return errno;
    done += written > 0 ? (size_t)written : 0;
  }
  return 0;
}

static void on_data(struct agent *agent, struct channel *channel, const uint8_t *bytes, size_t length)
{
  struct write *write = channel->state;
  if (length > write->request.most - write->size) {
    channel_error(agent, channel, ERROR_TOO_LARGE, "more bytes than the write may have");
    return;
  }
  int error = write_all(write->temporary.fd, bytes, length);
  if (error != 0) {
    file_fail(agent, channel, error);
    return;
  }
  write->size += length;
  channel_consumed(agent, channel, length);
}

static int set_attributes(const struct write *write)
{
  const struct write_request *request = &write->request;
  struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_nsec = UTIME_OMIT}};
  if (request->has_mtime) {
    times[1].tv_sec = (time_t)(request->mtime_ns / 1000000000);
    times[1].tv_nsec = (long)(request->mtime_ns % 1000000000);
  }
  int fd = write->temporary.fd;
  return fchmod(fd, request->mode) < 0 || futimens(fd, times) < 0 ? errno : 0;
}

static void on_end(struct agent *agent, struct channel *channel)
{
  struct write *write = channel->state;
  int error = set_attributes(write);
  if (error != 0)
    file_fail(agent, channel, error);
  else if (write->request.is_flushed)
    start_flush(agent, channel, WRITE_FLUSHING_FILE, write->temporary.fd, fsync);
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

// Everything that can refuse the write before its bytes are sent. 0 or an errno.
static int prepare(struct agent *agent, struct write *write)
{
  struct write_request *request = &write->request;
  int error = resolve_file(agent->root, request->path, !request->must_be_version, &write->place);
  if (error != 0)
    return error == ENOENT && request->must_be_version ? ESTALE : error;
  struct stat file;
  bool is_there;
  error = check_target(write, &file, &is_there);
  if (error != 0)
    return error;
  if (!request->has_mode)
    request->mode = is_there ? file.st_mode & 0777 : DEFAULT_MODE;
  return temporary_make(&write->temporary, write->place.parent);
}

void write_open(struct agent *agent, uint16_t number, struct fields *fields)
{
  struct write *write = channel_has_room(agent) ? calloc(1, sizeof *write) : NULL;
  if (write == NULL) {
    output_error(&agent->output, number, ERROR_BUSY, "too many channels");
    return;
  }
  *write = (struct write){.place.parent = -1, .temporary.fd = -1, .directory = -1, .flush.event = -1};
  if (!write_request_read(&write->request, fields)) {
    output_error(&agent->output, number, ERROR_BAD_REQUEST, "not the fields of a write");
    let_go(write);
    return;
  }
  int error = prepare(agent, write);
  if (error != 0) {
    file_refuse(agent, number, error);
    let_go(write);
    return;
  }
  channel_open(agent, number, &write_operation, write);
  uint8_t event = EVENT_ACCEPTED;
  output_frame(&agent->output, FRAME_EVENT, number, 0, &event, sizeof event);
}
