// Reading directories that are watched already, so that nothing is missed in between.

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "watch/watching.h"

void watching_scan_later(struct watching *watching, struct node *node, bool is_news)
{
  node->is_news |= is_news;
  if (node->is_queued)
    return;
  node_retain(node);
  node->is_queued = true;
  node->next_to_scan = NULL;
  *(watching->scan_last != NULL ? &watching->scan_last->next_to_scan : &watching->scan_first) = node;
  watching->scan_last = node;
}

static void dequeue(struct watching *watching)
{
  struct node *node = watching->scan_first;
  watching->scan_first = node->next_to_scan;
  if (watching->scan_first == NULL)
    watching->scan_last = NULL;
  node->is_queued = false;
  node->is_news = false;
  node->misses = 0;
  node_release(node);
}

static bool is_directory(DIR *directory, const struct dirent *entry)
{
  struct stat file;
  if (entry->d_type != DT_UNKNOWN)
    return entry->d_type == DT_DIR;
  return fstatat(dirfd(directory), entry->d_name, &file, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(file.st_mode);
}

static void scan_entry(struct watching *watching, const struct dirent *entry)
{
  struct node *node = watching->scan_first;
  const char *name = entry->d_name;
  if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || entry_is_hidden(name))
    return;
  bool has_content = is_directory(watching->scanned, entry);
  if (node->is_news)
    watching_note(watching, node, name, CHANGE_CREATED, has_content);
  if (has_content)
    watching_add_from(watching, node, dirfd(watching->scanned), name, node->is_news);
}

static DIR *open_for_reading(struct watching *watching, struct node *node)
{
  int place = watching_open(watching, node);
  int fd = place < 0 ? -1 : openat(place, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *directory = fd < 0 ? NULL : fdopendir(fd);
  if (directory == NULL && fd >= 0)
    close(fd);
  return directory;
}

// False when the event of its move has to come first.
static bool begin_scan(struct watching *watching)
{
  struct node *node = watching->scan_first;
  if (node->is_alive) {
    watching->scanned = open_for_reading(watching, node);
    if (watching->scanned != NULL)
      return true;
    if (errno == ESTALE && ++node->misses < MOST_MISSES)
      return false;
    if (errno != ESTALE)
      watching_overflow(watching, OVERFLOW_UNWATCHED);
  }
  dequeue(watching);
  return true;
}

bool watching_scan(struct watching *watching)
{
  if (watching->scan_first == NULL)
    return false;
  if (watching->scanned == NULL)
    return begin_scan(watching);
  const struct dirent *entry = watching->scan_first->is_alive ? readdir(watching->scanned) : NULL;
  if (entry != NULL) {
    scan_entry(watching, entry);
    return true;
  }
  closedir(watching->scanned);
  watching->scanned = NULL;
  dequeue(watching);
  return true;
}

void watching_end_scans(struct watching *watching)
{
  if (watching->scanned != NULL)
    closedir(watching->scanned);
  watching->scanned = NULL;
  while (watching->scan_first != NULL)
    dequeue(watching);
}
