#include "run/command.h"

#include <stdlib.h>
#include <string.h>

enum { TAG_ARGUMENT = 1, TAG_ENVIRONMENT, TAG_CWD };

static bool has_nul(const struct field *field)
{
  return memchr(field->value, 0, field->length) != NULL;
}

static bool is_variable(const struct field *field)
{
  return !has_nul(field) && field->length > 0 && field->value[0] != '=' &&
         memchr(field->value, '=', field->length) != NULL;
}

enum command_field command_read(struct command *command, struct fields *fields, const struct field *field)
{
  bool is_valid;
  if (field->tag == TAG_CWD) {
    is_valid = field_is_first(fields, field) && field_string(field, command->cwd, sizeof command->cwd);
  } else if (field->tag == TAG_ARGUMENT || field->tag == TAG_ENVIRONMENT) {
    command->bytes += field->length + 1;
    *(field->tag == TAG_ARGUMENT ? &command->arguments : &command->variables) += 1;
    is_valid = field->tag == TAG_ARGUMENT ? !has_nul(field) : is_variable(field);
  } else {
    return COMMAND_OTHER;
  }
  return is_valid ? COMMAND_FIELD : COMMAND_BROKEN;
}

bool command_copy(struct command *command, struct fields fields)
{
  if (command->arguments == 0)
    return false;
  command->memory = malloc((command->arguments + command->variables + 2) * sizeof(char *) + command->bytes);
  if (command->memory == NULL)
    return false;
  char **argument = command->argv = command->memory;
  char **variable = command->envp = argument + command->arguments + 1;
  char *text = (char *)(variable + command->variables + 1);
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
  return true;
}

void command_free(struct command *command)
{
  free(command->memory);
  command->memory = NULL;
}
