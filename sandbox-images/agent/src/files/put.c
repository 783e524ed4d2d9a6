#include "files/put.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/agent.h"
#include "files/sparse.h"
#include "paths/beneath.h"

#define DEFAULT_MODE 0644

enum { TAG_PATH = 1, TAG_MODE };

struct put {
  int parent;
  int file;
  uint64_t size;
  char temporary[32];
  char path[PATH_MAX];
  const char *name;
};

static void let_go(struct put *put)
{
  if (put->file >= 0) {
    unlinkat(put->parent, put->temporary, 0);
    close(put->file);
  }
  if (put->parent >= 0)
    close(put->parent);
  free(put);
}

static void fail(struct agent *agent, struct channel *channel, int error)
{
  channel_error(agent, channel, path_error(error), strerror(error));
}

static void on_data(struct agent *agent, struct channel *channel, const uint8_t *bytes, size_t length)
{
  struct put *put = channel->state;
  int error = sparse_write(put->file, put->size, bytes, length);
  if (error != 0) {
    fail(agent, channel, error);
    return;
  }
  put->size += length;
  channel_consumed(agent, channel, length);
}

static void on_end(struct agent *agent, struct channel *channel)
{
  struct put *put = channel->state;
  int error = sparse_end(put->file, put->size);
  if (error != 0) {
    fail(agent, channel, error);
    return;
  }
  if (renameat(put->parent, put->temporary, put->parent, put->name) < 0) {
    fail(agent, channel, errno);
    return;
  }
  close(put->file);
  put->file = -1;
  uint8_t fields[16];
  uint8_t *end = field_put64(fields, 1, put->size);
  channel_result(agent, channel, fields, (size_t)(end - fields));
}

static void on_cancel(struct agent *agent, struct channel *channel)
{
  channel_error(agent, channel, ERROR_CANCELLED, "cancelled");
}

static void on_drop(struct agent *agent, struct channel *channel)
{
  (void)agent;
  let_go(channel->state);
}

static const struct operation put_operation = {
  .data = on_data,
  .end = on_end,
  .cancel = on_cancel,
  .drop = on_drop,
};

static bool read_fields(struct put *put, uint32_t *mode, struct fields *fields)
{
  struct field field;
  enum field_status status;
  while ((status = fields_next(fields, &field)) == FIELD_OK) {
    if (!field_is_first(fields, &field))
      return false;
    if (field.tag == TAG_PATH ? !field_string(&field, put->path, sizeof put->path)
                              : field.tag != TAG_MODE || !field_u32(&field, mode))
      return false;
  }
  return status == FIELD_END && fields->seen & 1u << TAG_PATH && *mode <= 0777;
}

// Makes the file under a name of its own. The guest may take such names on purpose: try a few.
static int create(struct put *put, uint32_t mode)
{
  for (unsigned int attempt = 0; attempt < 64; attempt++) {
    snprintf(put->temporary, sizeof put->temporary, ".berth-%d-%u", getpid(), attempt);
    put->file = openat(put->parent, put->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (put->file >= 0)
      return fchmod(put->file, mode) < 0 ? errno : 0;
    if (errno != EEXIST)
      return errno;
  }
  return EEXIST;
}

static int begin(struct agent *agent, struct put *put, uint32_t mode)
{
  put->parent = beneath_parent(agent->root, put->path, true, &put->name);
  return put->parent < 0 ? errno : create(put, mode);
}

void put_open(struct agent *agent, uint16_t number, struct fields *fields)
{
  struct put *put = channel_has_room(agent) ? malloc(sizeof *put) : NULL;
  if (put == NULL) {
    output_error(&agent->output, number, ERROR_BUSY, "too many channels");
    return;
  }
  *put = (struct put){.parent = -1, .file = -1};
  uint32_t mode = DEFAULT_MODE;
  if (!read_fields(put, &mode, fields)) {
    output_error(&agent->output, number, ERROR_BAD_REQUEST, "not the fields of a put");
    let_go(put);
    return;
  }
  int error = begin(agent, put, mode);
  if (error != 0) {
    output_error(&agent->output, number, path_error(error), strerror(error));
    let_go(put);
    return;
  }
  channel_open(agent, number, &put_operation, put);
}
