// STAT: what a path names.

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/agent.h"
#include "core/request.h"
#include "files/entry.h"
#include "files/operations.h"
#include "paths/resolve.h"

enum { TAG_PATH = 1, TAG_FOLLOW };

struct stat_request {
  char path[PATH_MAX];
  bool is_followed;
};

static bool read_request(void *state, struct fields *fields)
{
  struct stat_request *request = state;
  const struct parameter parameters[] = {{TAG_PATH, VALUE_PATH | REQUIRED, request->path},
                                         {TAG_FOLLOW, VALUE_FLAG, &request->is_followed}};
  return request_read(fields, parameters, COUNT(parameters));
}

static int answer_open(struct agent *agent, struct channel *channel, const char *path, int fd)
{
  struct stat file;
  uint8_t fields[ENTRY_FIELD_BYTES];
  if (fd < 0 || fstat(fd, &file) < 0)
    return errno;
  channel_result(agent, channel, fields, entry_field(fields, path, &file));
  return 0;
}

static int answer_followed(struct agent *agent, struct channel *channel, const char *path)
{
  int fd = *path == 0 ? resolve_directory(agent->root, path) : resolve_open(agent->root, path, O_PATH);
  int error = answer_open(agent, channel, path, fd);
  if (fd >= 0)
    close(fd);
  return error;
}

static int begin(struct agent *agent, struct channel *channel)
{
  const struct stat_request *request = channel->state;
  struct place place;
  if (request->is_followed || *request->path == 0)
    return answer_followed(agent, channel, request->path);
  int error = resolve_place(agent->root, request->path, false, &place);
  if (error == 0)
    entry_result(agent, channel, request->path, &place);
  place_close(&place);
  return error;
}

const struct operation stat_operation = {
  .name = "STAT",
  .state_bytes = sizeof(struct stat_request),
  .is_immediate = true,
  .read = read_request,
  .begin = begin,
};
