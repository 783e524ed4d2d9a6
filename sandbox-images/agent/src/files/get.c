#include "files/get.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/agent.h"
#include "paths/beneath.h"

enum { TAG_PATH = 1, TAG_OFFSET, TAG_LENGTH };

struct get {
  int file;
  uint64_t offset;
  uint64_t left;
  uint64_t sent;
  uint64_t size;
};

static void finish(struct agent *agent, struct channel *channel)
{
  struct get *get = channel->state;
  uint8_t fields[32];
  uint8_t *end = field_put64(field_put64(fields, 1, get->sent), 2, get->size);
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

static bool pump(struct agent *agent, struct channel *channel)
{
  struct get *get = channel->state;
  size_t length = next_length(agent, channel, get->left);
  if (length == 0 && get->left > 0)
    return false;
  ssize_t got = 0;
  if (length > 0) {
    uint8_t *payload = output_begin(&agent->output, FRAME_DATA, channel->number, 0);
    got = pread(get->file, payload, length, (off_t)get->offset);
  }
  if (got < 0) {
    channel_error(agent, channel, ERROR_IO, strerror(errno));
    return false;
  }
  if (got == 0) {
    if (!output_has_room(&agent->output))
      return false;
    finish(agent, channel);
    return false;
  }
  output_commit(&agent->output, (size_t)got);
  channel->send_credit[0] -= (uint32_t)got;
  get->offset += (uint64_t)got;
  get->sent += (uint64_t)got;
  get->left -= (uint64_t)got;
  return true;
}

static void on_cancel(struct agent *agent, struct channel *channel)
{
  channel_error(agent, channel, ERROR_CANCELLED, "cancelled");
}

static void on_drop(struct agent *agent, struct channel *channel)
{
  (void)agent;
  struct get *get = channel->state;
  close(get->file);
  free(get);
}

static const struct operation get_operation = {
  .outgoing = 1u << 0,
  .cancel = on_cancel,
  .pump = pump,
  .drop = on_drop,
};

static bool read_fields(struct get *get, char path[PATH_MAX], struct fields *fields)
{
  struct field field;
  enum field_status status;
  while ((status = fields_next(fields, &field)) == FIELD_OK) {
    bool good = field_is_first(fields, &field);
    if (field.tag == TAG_PATH)
      good = good && field_string(&field, path, PATH_MAX);
    else if (field.tag == TAG_OFFSET)
      good = good && field_u64(&field, &get->offset) && get->offset <= INT64_MAX / 2;
    else
      good = good && field.tag == TAG_LENGTH && field_u64(&field, &get->left);
    if (!good)
      return false;
  }
  // An offset and a length that together leave the range of a file position would have pread fail.
  if (get->left > INT64_MAX / 2)
    get->left = INT64_MAX / 2;
  return status == FIELD_END && fields->seen & 1u << TAG_PATH;
}

// Not blocking, for a FIFO nobody writes to; what is no regular file is closed again.
static int open_regular(int root, const char *path, uint64_t *size)
{
  int fd = beneath_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (fd < 0)
    return -1;
  struct stat file;
  if (fstat(fd, &file) == 0 && S_ISREG(file.st_mode)) {
    *size = (uint64_t)file.st_size;
    return fd;
  }
  close(fd);
  errno = EINVAL;
  return -1;
}

void get_open(struct agent *agent, uint16_t number, struct fields *fields)
{
  struct get *get = channel_has_room(agent) ? malloc(sizeof *get) : NULL;
  if (get == NULL) {
    output_error(&agent->output, number, ERROR_BUSY, "too many channels");
    return;
  }
  *get = (struct get){.left = UINT64_MAX};
  char path[PATH_MAX];
  if (!read_fields(get, path, fields)) {
    output_error(&agent->output, number, ERROR_BAD_REQUEST, "not the fields of a get");
    free(get);
    return;
  }
  get->file = open_regular(agent->root, path, &get->size);
  if (get->file < 0) {
    int error = errno;
    output_error(&agent->output, number, path_error(error), error == EINVAL ? "not a regular file" : strerror(error));
    free(get);
    return;
  }
  channel_open(agent, number, &get_operation, get);
}
