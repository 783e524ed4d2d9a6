#include "run/proc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void proc_visit(bool (*visit)(pid_t pid, void *context), void *context)
{
  DIR *proc = opendir("/proc");
  if (proc == NULL)
    return;
  for (struct dirent *entry; (entry = readdir(proc)) != NULL;) {
    if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && !visit((pid_t)atoi(entry->d_name), context))
      break;
  }
  closedir(proc);
}

ssize_t proc_read(pid_t pid, const char *file, char *text, size_t size)
{
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return -1;
  size_t length = 0;
  ssize_t got = 0;
  // The kernel hands out a page at a time.
  while (length < size - 1 && (got = read(fd, text + length, size - 1 - length)) > 0)
    length += (size_t)got;
  close(fd);
  text[length] = 0;
  return got < 0 ? -1 : (ssize_t)length;
}

// "pid (name) state parent group session terminal foreground …", where the name is whatever the program likes.
bool proc_stat(pid_t pid, struct proc_stat *stat)
{
  char text[512];
  if (proc_read(pid, "stat", text, sizeof text) < 0)
    return false;
  const char *rest = strrchr(text, ')');
  unsigned long virtual_bytes;
  long threads;
  if (rest == NULL ||
      sscanf(rest + 1,
             " %c %d %*d %d %*d %d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d %*d %ld %*d %llu %lu %ld", &stat->state,
             &stat->parent, &stat->session, &stat->foreground, &stat->user_ticks, &stat->system_ticks,
             &threads, &stat->start_ticks, &virtual_bytes, &stat->resident_pages) != 10)
    return false;
  // One whose first thread has ended looks dead, and is not.
  stat->has_ended = threads <= 1 && (stat->state == 'Z' || stat->state == 'X' || virtual_bytes == 0);
  return true;
}
