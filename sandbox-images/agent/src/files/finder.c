#include "files/finder.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/wire.h"
#include "paths/glob.h"
#include "paths/regular.h"

// A match that comes when there are enough already only shows that there are more.
static void put_match(struct finder *finder, uint8_t *end, const struct text_match *match)
{
  if (finder->matches == finder->most) {
    finder->is_truncated = true;
    return;
  }
  end = wire_put32(wire_put32(end, match->line), match->column);
  end = wire_put16(end, (uint16_t)match->length);
  memcpy(end, match->text, match->length);
  finder->match_length = (size_t)(end + match->length - finder->match);
  finder->matches++;
}

static void take_name(struct finder *finder)
{
  const struct text_match no_text = {.text = ""};
  uint8_t *end = entry_put(finder->match, finder->path, finder->traversal.fd, finder->traversal.name);
  if (end != NULL)
    put_match(finder, end, &no_text);
}

static void begin_file(struct finder *finder)
{
  int place = openat(finder->traversal.fd, finder->traversal.name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  int fd = place < 0 ? -1 : regular_reopen(place, &finder->file);
  if (place >= 0)
    close(place);
  if (fd < 0)
    return;
  if ((uint64_t)finder->file.st_size <= finder->largest)
    text_search_begin(&finder->search, fd, (uint64_t)finder->file.st_size);
  else
    close(fd);
}

static void search_file(struct finder *finder)
{
  struct text_match match;
  if (text_search_advance(&finder->search, &match) != PROGRESS_MORE)
    text_search_end(&finder->search);
  else if (match.text != NULL)
    put_match(finder, entry_put_stat(finder->match, finder->path, &finder->file), &match);
}

// The path of what has been seen, as the server knows it. NULL when it is too long; else where the part beneath the
// directory begins.
static const char *name_path(struct finder *finder)
{
  char beneath[PATH_MAX];
  const char *separator = *finder->directory == 0 ? "" : "/";
  if (traversal_path(&finder->traversal, beneath) == 0)
    return NULL;
  int length = snprintf(finder->path, sizeof finder->path, "%s%s%s", finder->directory, separator, beneath);
  return length < PATH_MAX ? finder->path + length - strlen(beneath) : NULL;
}

static void check_entry(struct finder *finder, bool is_directory)
{
  const char *beneath = name_path(finder);
  if (beneath == NULL)
    finder->is_truncated = true;
  bool is_left_out = beneath == NULL || entry_is_hidden(finder->traversal.name);
  if (is_directory && (is_left_out || names_have(&finder->excluded, finder->traversal.name)))
    traversal_skip(&finder->traversal);
  if (is_left_out || (*finder->glob != 0 && !glob_matches(finder->glob, beneath, finder->ignore_case)))
    return;
  if (*finder->text == 0)
    take_name(finder);
  else if (!is_directory)
    begin_file(finder);
}

static enum progress step(struct finder *finder)
{
  if (finder->search.fd >= 0) {
    search_file(finder);
    return PROGRESS_MORE;
  }
  enum visit visit = traversal_next(&finder->traversal);
  if (visit == VISIT_FILE || visit == VISIT_DIRECTORY)
    check_entry(finder, visit == VISIT_DIRECTORY);
  else if (visit == VISIT_UNREADABLE || visit == VISIT_LOST)
    finder->is_truncated = true;
  return visit == VISIT_END ? PROGRESS_DONE : visit == VISIT_FAILED ? PROGRESS_FAILED : PROGRESS_MORE;
}

static bool has_enough(const struct finder *finder)
{
  return finder->is_truncated && finder->matches == finder->most;
}

enum progress finder_advance(struct finder *finder, const struct slice *slice)
{
  enum progress progress = has_enough(finder) ? PROGRESS_DONE : PROGRESS_MORE;
  while (progress == PROGRESS_MORE && finder->match_length == 0 && !slice_is_over(slice))
    progress = has_enough(finder) ? PROGRESS_DONE : step(finder);
  return progress;
}

void finder_release(struct finder *finder)
{
  text_search_end(&finder->search);
  traversal_end(&finder->traversal);
  names_free(&finder->excluded);
}
