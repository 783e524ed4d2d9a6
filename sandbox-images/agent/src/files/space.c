// SPACE: what the file system has left.

#include <errno.h>
#include <sys/statvfs.h>

#include "core/agent.h"
#include "files/operations.h"

static int begin(struct agent *agent, struct channel *channel)
{
  struct statvfs system;
  uint8_t result[64];
  if (fstatvfs(agent->root, &system) < 0)
    return errno;
  uint8_t *end = field_put64(result, 1, (uint64_t)system.f_blocks * system.f_frsize);
  end = field_put64(end, 2, (uint64_t)system.f_bavail * system.f_frsize);
  end = field_put64(end, 3, system.f_files);
  channel_result(agent, channel, result, field_put64(end, 4, system.f_favail));
  return 0;
}

const struct operation space_operation = {.name = "SPACE", .is_immediate = true, .begin = begin};
