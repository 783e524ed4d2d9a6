#include "files/space.h"

#include <errno.h>
#include <sys/statvfs.h>

#include "core/agent.h"
#include "files/file_answer.h"

void space_open(struct agent *agent, uint16_t number, struct fields *fields)
{
  if (fields->left > 0) {
    output_error(&agent->output, number, ERROR_BAD_REQUEST, "space has no fields");
    return;
  }
  struct statvfs system;
  if (fstatvfs(agent->root, &system) < 0) {
    file_refuse(agent, number, errno);
    return;
  }
  uint8_t result[64];
  uint8_t *end = field_put64(result, 1, (uint64_t)system.f_blocks * system.f_frsize);
  end = field_put64(end, 2, (uint64_t)system.f_bavail * system.f_frsize);
  end = field_put64(end, 3, system.f_files);
  end = field_put64(end, 4, system.f_favail);
  output_frame(&agent->output, FRAME_RESULT, number, 0, result, (size_t)(end - result));
}
