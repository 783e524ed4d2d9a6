#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/listeners.h"

// What one listing may cost when a guest opens all that it may.
#define MOST_DESCRIPTORS 16384

struct search {
  struct listeners *listeners;
  size_t unnamed;
  int descriptors_left;
};

// By its file rather than by the name that it gives itself: every Node.js calls itself MainThread.
static void read_name(int process, char name[LONGEST_PROCESS])
{
  char path[PATH_MAX];
  ssize_t length = readlinkat(process, "exe", path, sizeof path - 1);
  if (length <= 0)
    return;
  path[length] = 0;
  const char *slash = strrchr(path, '/');
  const char *file = slash == NULL ? path : slash + 1;
  memcpy(name, file, strnlen(file, LONGEST_PROCESS - 1));
}

static void name_socket(struct search *search, int process, uint32_t pid, unsigned long inode)
{
  for (size_t i = 0; i < search->listeners->count; i++) {
    struct listener *listener = &search->listeners->list[i];
    if (listener->inode != inode || listener->process[0] != 0)
      continue;
    read_name(process, listener->process);
    listener->pid = pid;
    search->unnamed -= listener->process[0] != 0;
  }
}

static void name_descriptor(struct search *search, int process, uint32_t pid, int descriptors, const char *name)
{
  char link[64];
  unsigned long inode;
  ssize_t length = readlinkat(descriptors, name, link, sizeof link - 1);
  if (length <= 0)
    return;
  link[length] = 0;
  if (sscanf(link, "socket:[%lu]", &inode) == 1)
    name_socket(search, process, pid, inode);
}

static void name_process(struct search *search, int process, uint32_t pid)
{
  int fd = openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *descriptors = fd < 0 ? NULL : fdopendir(fd);
  if (descriptors == NULL) {
    if (fd >= 0)
      close(fd);
    return;
  }
  for (struct dirent *entry; search->unnamed > 0 && (entry = readdir(descriptors)) != NULL;) {
    if (search->descriptors_left-- <= 0)
      break;
    name_descriptor(search, process, pid, dirfd(descriptors), entry->d_name);
  }
  closedir(descriptors);
}

void listeners_name(struct listeners *listeners)
{
  struct search search = {listeners, listeners->count, MOST_DESCRIPTORS};
  DIR *proc = opendir("/proc");
  if (proc == NULL)
    return;
  for (struct dirent *entry; search.unnamed > 0 && search.descriptors_left > 0 && (entry = readdir(proc)) != NULL;) {
    if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
      continue;
    int process = openat(dirfd(proc), entry->d_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (process < 0)
      continue;
    name_process(&search, process, (uint32_t)strtoul(entry->d_name, NULL, 10));
    close(process);
  }
  closedir(proc);
}
