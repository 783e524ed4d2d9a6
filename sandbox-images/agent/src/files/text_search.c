#include "files/text_search.h"

#include <string.h>
#include <unistd.h>

// A file with a NUL this near to its beginning is no text.
#define TEXT_CHECKED_BYTES 8192
// What is shown before a match that lies further on in its line.
#define SHOWN_BEFORE 128
// Kept of what has been searched, and needed of what follows, to show a match.
#define KEPT_BYTES MATCH_TEXT_BYTES
#define AHEAD_BYTES (MATCH_TEXT_BYTES + LONGEST_NEEDLE)

static char fold(char letter)
{
  return letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
}

bool text_search_init(struct text_search *search, const char *needle, bool ignore_case)
{
  search->fd = -1;
  search->ignore_case = ignore_case;
  search->needle_length = strlen(needle);
  if (search->needle_length == 0 || search->needle_length > LONGEST_NEEDLE || strchr(needle, '\n') != NULL)
    return false;
  for (size_t i = 0; i <= search->needle_length; i++)
    search->needle[i] = ignore_case ? fold(needle[i]) : needle[i];
  return true;
}

void text_search_begin(struct text_search *search, int fd, uint64_t size)
{
  search->fd = fd;
  search->left = size;
  search->base = 0;
  search->length = 0;
  search->at = 0;
  search->line = 1;
  search->line_start = 0;
  search->is_skipping = false;
}

void text_search_end(struct text_search *search)
{
  if (search->fd >= 0)
    close(search->fd);
  search->fd = -1;
}

static void make_room(struct text_search *search)
{
  size_t gone = search->at > KEPT_BYTES ? search->at - KEPT_BYTES : 0;
  memmove(search->buffer, search->buffer + gone, search->length - gone);
  memmove(search->folded, search->folded + gone, search->length - gone);
  search->base += gone;
  search->length -= gone;
  search->at -= gone;
}

// False when this is no text.
static bool fill(struct text_search *search)
{
  make_room(search);
  size_t room = SEARCH_BUFFER_BYTES - search->length;
  ssize_t got = read(search->fd, search->buffer + search->length, search->left < room ? search->left : room);
  if (got <= 0) {
    search->left = 0;
    return true;
  }
  for (size_t i = search->length; i < search->length + (size_t)got; i++)
    search->folded[i] = search->ignore_case ? fold(search->buffer[i]) : search->buffer[i];
  bool is_first = search->base == 0 && search->length == 0;
  search->length += (size_t)got;
  search->left -= (uint64_t)got;
  size_t checked = search->length < TEXT_CHECKED_BYTES ? search->length : TEXT_CHECKED_BYTES;
  return !is_first || memchr(search->buffer, 0, checked) == NULL;
}

// Goes on to `end`, counting lines.
static void pass(struct text_search *search, size_t end)
{
  const char *newline;
  while ((newline = memchr(search->buffer + search->at, '\n', end - search->at)) != NULL) {
    search->at = (size_t)(newline - search->buffer) + 1;
    search->line++;
    search->line_start = search->base + search->at;
  }
  search->at = end;
}

static void skip_line(struct text_search *search, size_t end)
{
  const char *newline = memchr(search->buffer + search->at, '\n', end - search->at);
  search->is_skipping = newline == NULL;
  pass(search, newline == NULL ? end : (size_t)(newline - search->buffer) + 1);
}

static void show(const struct text_search *search, struct text_match *match)
{
  size_t line_start = search->line_start < search->base ? 0 : (size_t)(search->line_start - search->base);
  uint64_t column = search->base + search->at - search->line_start;
  size_t start = line_start;
  if (column + search->needle_length > MATCH_TEXT_BYTES && search->at - start > SHOWN_BEFORE)
    start = search->at - SHOWN_BEFORE;
  size_t length = search->length - start < MATCH_TEXT_BYTES ? search->length - start : MATCH_TEXT_BYTES;
  const char *text = search->buffer + start;
  const char *newline = memchr(text, '\n', length);
  match->line = search->line;
  match->column = column < UINT32_MAX ? (uint32_t)column + 1 : UINT32_MAX;
  match->text = text;
  match->length = newline == NULL ? length : (size_t)(newline - text);
}

// Searches up to where enough follows to show a match.
static void search_buffer(struct text_search *search, size_t end, struct text_match *match)
{
  if (search->is_skipping) {
    skip_line(search, end);
    return;
  }
  const char *found =
    memmem(search->folded + search->at, search->length - search->at, search->needle, search->needle_length);
  size_t at = found == NULL ? end : (size_t)(found - search->folded);
  pass(search, at < end ? at : end);
  if (at >= end)
    return;
  show(search, match);
  search->is_skipping = true;
}

enum progress text_search_advance(struct text_search *search, struct text_match *match)
{
  match->text = NULL;
  size_t end = search->left == 0 ? search->length : search->length > AHEAD_BYTES ? search->length - AHEAD_BYTES : 0;
  if (search->at < end)
    search_buffer(search, end, match);
  else if (search->left == 0 || !fill(search))
    return PROGRESS_DONE;
  return PROGRESS_MORE;
}
