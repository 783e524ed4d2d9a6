#include "core/fields.h"

#include <string.h>

#include "core/wire.h"

enum field_status fields_next(struct fields *fields, struct field *field)
{
  if (fields->left == 0)
    return FIELD_END;
  if (fields->left < FIELD_HEADER_BYTES)
    return FIELD_BROKEN;
  size_t length = wire_get32(fields->at + 1);
  if (length > fields->left - FIELD_HEADER_BYTES)
    return FIELD_BROKEN;
  *field = (struct field){fields->at[0], fields->at + FIELD_HEADER_BYTES, length};
  fields->at += FIELD_HEADER_BYTES + length;
  fields->left -= FIELD_HEADER_BYTES + length;
  return FIELD_OK;
}

bool field_is_first(struct fields *fields, const struct field *field)
{
  if (field->tag > 31)
    return false;
  uint32_t bit = UINT32_C(1) << field->tag;
  bool first = !(fields->seen & bit);
  fields->seen |= bit;
  return first;
}

bool field_u32(const struct field *field, uint32_t *value)
{
  if (field->length != 4)
    return false;
  *value = wire_get32(field->value);
  return true;
}

bool field_u64(const struct field *field, uint64_t *value)
{
  if (field->length != 8)
    return false;
  *value = wire_get64(field->value);
  return true;
}

bool field_string(const struct field *field, char *to, size_t size)
{
  if (field->length >= size || memchr(field->value, 0, field->length) != NULL)
    return false;
  memcpy(to, field->value, field->length);
  to[field->length] = 0;
  return true;
}

static uint8_t *put_header(uint8_t *to, uint8_t tag, size_t length)
{
  return wire_put32(wire_put8(to, tag), (uint32_t)length);
}

uint8_t *field_put8(uint8_t *to, uint8_t tag, uint8_t value)
{
  return wire_put8(put_header(to, tag, 1), value);
}

uint8_t *field_put32(uint8_t *to, uint8_t tag, uint32_t value)
{
  return wire_put32(put_header(to, tag, 4), value);
}

uint8_t *field_put64(uint8_t *to, uint8_t tag, uint64_t value)
{
  return wire_put64(put_header(to, tag, 8), value);
}

uint8_t *field_put_bytes(uint8_t *to, uint8_t tag, const void *value, size_t length)
{
  to = put_header(to, tag, length);
  memcpy(to, value, length);
  return to + length;
}

uint8_t *field_close(uint8_t *to, uint8_t tag, uint8_t *end)
{
  put_header(to, tag, (size_t)(end - to) - FIELD_HEADER_BYTES);
  return end;
}
