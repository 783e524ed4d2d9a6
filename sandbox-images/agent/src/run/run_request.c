#include "run/run_request.h"

#include <stdlib.h>
#include <string.h>

enum { TAG_ARGUMENT = 1, TAG_ENVIRONMENT, TAG_CWD, TAG_WALL, TAG_OUTPUT_LIMIT, TAG_FLAGS, TAG_CPU, TAG_STACK, TAG_MEMORY };

struct sizes {
  size_t arguments;
  size_t variables;
  size_t bytes;
};

static bool has_nul(const struct field *field)
{
  return memchr(field->value, 0, field->length) != NULL;
}

static bool is_variable(const struct field *field)
{
  return !has_nul(field) && field->length > 0 && field->value[0] != '=' &&
         memchr(field->value, '=', field->length) != NULL;
}

static bool read_field(struct run_request *request, struct fields *fields, const struct field *field,
                       struct sizes *sizes)
{
  if (field->tag == TAG_ARGUMENT || field->tag == TAG_ENVIRONMENT) {
    sizes->bytes += field->length + 1;
    *(field->tag == TAG_ARGUMENT ? &sizes->arguments : &sizes->variables) += 1;
    return field->tag == TAG_ARGUMENT ? !has_nul(field) : is_variable(field);
  }
  if (!field_is_first(fields, field))
    return false;
  switch (field->tag) {
  case TAG_CWD:
    return field_string(field, request->cwd, sizeof request->cwd);
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

static void copy_strings(struct run_request *request, struct fields fields, const struct sizes *sizes)
{
  char **argument = request->argv = request->memory;
  char **variable = request->envp = argument + sizes->arguments + 1;
  char *text = (char *)(variable + sizes->variables + 1);
  struct field field;
  while (fields_next(&fields, &field) == FIELD_OK) {
    if (field.tag != TAG_ARGUMENT && field.tag != TAG_ENVIRONMENT)
      continue;
    *(field.tag == TAG_ARGUMENT ? argument++ : variable++) = text;
    memcpy(text, field.value, field.length);
    text[field.length] = 0;
    text += field.length + 1;
  }
  *argument = NULL;
  *variable = NULL;
}

bool run_request_read(void *state, struct fields *fields)
{
  struct run_request *request = state;
  struct sizes sizes = {0};
  struct fields rest = *fields;
  struct field field;
  enum field_status status;
  while ((status = fields_next(&rest, &field)) == FIELD_OK) {
    if (!read_field(request, &rest, &field, &sizes))
      return false;
  }
  if (status == FIELD_BROKEN || sizes.arguments == 0)
    return false;
  request->memory = malloc((sizes.arguments + sizes.variables + 2) * sizeof(char *) + sizes.bytes);
  if (request->memory == NULL)
    return false;
  copy_strings(request, *fields, &sizes);
  return true;
}
