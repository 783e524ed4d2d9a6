#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * A `read` for Bash that shows the prompt of `read -p` where the one who answers sits behind a pipe: Bash itself shows it
 * at a terminal only. Bash brings its headers as a package of their own; these are the parts of them that are needed.
 */
struct word {
  char *text;
  int flags;
};

struct words {
  struct words *next;
  struct word *word;
};

struct builtin {
  const char *name;
  int (*function)(struct words *);
  int flags;
  const char *const *description;
  const char *usage;
  char *handle;
};

int read_builtin(struct words *arguments);
int read_builtin_load(const char *name);
int prompting_read(struct words *arguments);

enum { BUILTIN_ENABLED = 1 };
static const char TAKE_A_VALUE[] = "adinNptu";

static struct stat input;

static int is_input(int fd)
{
  struct stat file;
  return fstat(fd, &file) == 0 && file.st_dev == input.st_dev && file.st_ino == input.st_ino && !isatty(fd);
}

// The value of -p, unless it reads something else than the script's own input.
static const char *prompt_of(const struct words *arguments)
{
  const char *prompt = NULL;
  for (; arguments != NULL; arguments = arguments->next) {
    const char *text = arguments->word->text;
    if (*text++ != '-' || *text == 0 || *text == '-')
      break;
    const char *option = text + strcspn(text, TAKE_A_VALUE);
    if (*option == 0)
      continue;
    const char *value = option + 1;
    if (*value == 0) {
      arguments = arguments->next;
      if (arguments == NULL)
        break;
      value = arguments->word->text;
    }
    if (*option == 'p')
      prompt = value;
    if (*option == 'u' && strcmp(value, "0") != 0)
      return NULL;
  }
  return prompt;
}

int prompting_read(struct words *arguments)
{
  const char *prompt = prompt_of(arguments);
  if (prompt != NULL && is_input(STDIN_FILENO)) {
    fputs(prompt, stderr);
    fflush(stderr);
  }
  return read_builtin(arguments);
}

int read_builtin_load(const char *name)
{
  (void)name;
  return fstat(STDIN_FILENO, &input) == 0;
}

static const char *const description[] = {"Read a line from the standard input and split it into fields.", NULL};

__attribute__((visibility("default"))) struct builtin read_struct = {
    "read", prompting_read, BUILTIN_ENABLED, description, "read [-ers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...]", 0};
