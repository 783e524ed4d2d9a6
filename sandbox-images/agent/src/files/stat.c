#include "files/stat.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/agent.h"
#include "core/request.h"
#include "files/entry.h"
#include "files/file_answer.h"
#include "paths/resolve.h"

enum { TAG_PATH = 1, TAG_FOLLOW };

static void answer_open(struct agent *agent, uint16_t number, const char *path, int fd)
{
  struct stat file;
  if (fd < 0 || fstat(fd, &file) < 0) {
    file_refuse(agent, number, errno);
    return;
  }
  uint8_t field[ENTRY_FIELD_BYTES];
  const uint8_t *end = field_close(field, 1, entry_put_stat(field + FIELD_HEADER_BYTES, path, &file));
  output_frame(&agent->output, FRAME_RESULT, number, 0, field, (size_t)(end - field));
}

static void answer_followed(struct agent *agent, uint16_t number, const char *path)
{
  int fd = *path == 0 ? resolve_directory(agent->root, path) : resolve_open(agent->root, path, O_PATH);
  answer_open(agent, number, path, fd);
  if (fd >= 0)
    close(fd);
}

static void answer_itself(struct agent *agent, uint16_t number, const char *path)
{
  struct place place;
  int error = resolve_place(agent->root, path, false, &place);
  if (error != 0) {
    file_refuse(agent, number, error);
    return;
  }
  file_answer(agent, number, path, &place);
  place_close(&place);
}

void stat_open(struct agent *agent, uint16_t number, struct fields *fields)
{
  char path[PATH_MAX];
  bool is_followed = false;
  const struct parameter parameters[] = {{TAG_PATH, VALUE_PATH, path}, {TAG_FOLLOW, VALUE_FLAG, &is_followed}};
  if (!request_read(fields, parameters, 2) || !request_has(fields, TAG_PATH))
    output_error(&agent->output, number, ERROR_BAD_REQUEST, "not the fields of a stat");
  else if (is_followed || *path == 0)
    answer_followed(agent, number, path);
  else
    answer_itself(agent, number, path);
}
