#include "core/request.h"

#include <limits.h>

#include "core/names.h"
#include "core/wire.h"

static bool read_flag(const struct field *field, bool *to)
{
  if (field->length != 1 || field->value[0] > 1)
    return false;
  *to = field->value[0] == 1;
  return true;
}

static bool read_version(const struct field *field, struct version *to)
{
  if (field->length != 3 * 8)
    return false;
  *to = (struct version){wire_get64(field->value), wire_get64(field->value + 8), wire_get64(field->value + 16)};
  return true;
}

static bool read_value(const struct parameter *parameter, const struct field *field)
{
  switch (parameter->kind & ~(unsigned int)REQUIRED) {
  case VALUE_PATH:
    return field_string(field, parameter->to, PATH_MAX);
  case VALUE_FLAG:
    return read_flag(field, parameter->to);
  case VALUE_U32:
    return field_u32(field, parameter->to);
  case VALUE_U64:
    return field_u64(field, parameter->to);
  case VALUE_VERSION:
    return read_version(field, parameter->to);
  case VALUE_NAMES:
    return names_add(parameter->to, field);
  }
  return false;
}

static bool read_field(struct fields *fields, const struct field *field, const struct parameter *parameters, size_t count)
{
  size_t i = 0;
  while (i < count && parameters[i].tag != field->tag)
    i++;
  if (i == count || (!field_is_first(fields, field) && parameters[i].kind != VALUE_NAMES))
    return false;
  return read_value(&parameters[i], field);
}

bool request_read(struct fields *fields, const struct parameter *parameters, size_t count)
{
  struct field field;
  enum field_status status;
  while ((status = fields_next(fields, &field)) == FIELD_OK) {
    if (!read_field(fields, &field, parameters, count))
      return false;
  }
  bool is_complete = status == FIELD_END;
  for (size_t i = 0; i < count; i++)
    is_complete = is_complete && (!(parameters[i].kind & REQUIRED) || request_has(fields, parameters[i].tag));
  return is_complete;
}

bool request_has(const struct fields *fields, uint8_t tag)
{
  return fields->seen & UINT32_C(1) << tag;
}
