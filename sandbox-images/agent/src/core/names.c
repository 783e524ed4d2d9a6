#include "core/names.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

bool names_add(struct names *names, const struct field *field)
{
  if (field->length == 0 || field->length > NAME_MAX || memchr(field->value, 0, field->length) != NULL)
    return false;
  char *bytes = realloc(names->bytes, names->length + field->length + 1);
  if (bytes == NULL)
    return false;
  names->bytes = bytes;
  memcpy(bytes + names->length, field->value, field->length);
  bytes[names->length + field->length] = 0;
  names->length += field->length + 1;
  return true;
}

bool names_have(const struct names *names, const char *name)
{
  for (size_t at = 0; at < names->length; at += strlen(names->bytes + at) + 1) {
    if (strcmp(names->bytes + at, name) == 0)
      return true;
  }
  return false;
}

void names_free(struct names *names)
{
  free(names->bytes);
  *names = (struct names){0};
}
