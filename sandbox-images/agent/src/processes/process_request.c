#include "processes/process_request.h"

#include <string.h>

enum { TAG_ID = 16, TAG_LABEL, TAG_SIZE, TAG_RESTART, TAG_BOUND, TAG_FIRST_TO_GO };

static bool read_option(struct process_request *request, struct fields *fields, const struct field *field)
{
  if (!field_is_first(fields, field))
    return false;
  switch (field->tag) {
  case TAG_ID:
    return field->length > 0 && field_string(field, request->id, sizeof request->id);
  case TAG_LABEL:
    if (field->length > sizeof request->label)
      return false;
    memcpy(request->label, field->value, field->length);
    request->label_length = (uint16_t)field->length;
    return true;
  case TAG_SIZE:
    request->has_tty = true;
    return field_u32(field, &request->size);
  case TAG_RESTART:
    return field_u32(field, &request->restart) && request->restart <= RESTART_ALWAYS;
  case TAG_BOUND:
    request->is_bound = true;
    return field_u32(field, &request->patience_ms);
  case TAG_FIRST_TO_GO:
    request->is_first_to_go = true;
    return field->length == 0;
  default:
    return false;
  }
}

bool process_request_read(void *state, struct fields *fields)
{
  struct process_request *request = state;
  struct fields rest = *fields;
  struct field field;
  enum field_status status;
  while ((status = fields_next(&rest, &field)) == FIELD_OK) {
    enum command_field kind = command_read(&request->command, &rest, &field);
    if (kind == COMMAND_BROKEN || (kind == COMMAND_OTHER && !read_option(request, &rest, &field)))
      return false;
  }
  return status == FIELD_END && request->id[0] != 0 && command_copy(&request->command, *fields);
}

void process_request_free(struct process_request *request)
{
  command_free(&request->command);
}
