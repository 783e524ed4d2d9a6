#include "run/run_request.h"

enum { TAG_WALL = 4, TAG_OUTPUT_LIMIT, TAG_FLAGS, TAG_CPU, TAG_STACK, TAG_MEMORY };

static bool read_limit(struct run_request *request, struct fields *fields, const struct field *field)
{
  if (!field_is_first(fields, field))
    return false;
  switch (field->tag) {
  case TAG_WALL:
    return field_u32(field, &request->wall_ms);
  case TAG_OUTPUT_LIMIT:
    return field_u64(field, &request->output_limit);
  case TAG_FLAGS:
    return field_u32(field, &request->flags) && (request->flags & ~(RUN_FLAG_INPUT_WAIT | RUN_FLAG_LEAVE)) == 0;
  case TAG_CPU:
    return field_u32(field, &request->cpu_ms);
  case TAG_STACK:
    return field_u64(field, &request->stack_bytes);
  case TAG_MEMORY:
    return field_u64(field, &request->memory_limit);
  default:
    return false;
  }
}

bool run_request_read(void *state, struct fields *fields)
{
  struct run_request *request = state;
  struct fields rest = *fields;
  struct field field;
  enum field_status status;
  while ((status = fields_next(&rest, &field)) == FIELD_OK) {
    enum command_field kind = command_read(&request->command, &rest, &field);
    if (kind == COMMAND_BROKEN || (kind == COMMAND_OTHER && !read_limit(request, &rest, &field)))
      return false;
  }
  return status == FIELD_END && command_copy(&request->command, *fields);
}
