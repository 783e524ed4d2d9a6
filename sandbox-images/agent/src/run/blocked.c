#include "run/blocked.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "run/proc.h"
#include "run/stopped.h"

// What a program passes to poll and select is its own invention: check the first few only.
#define MOST_POLLED 64
#define MOST_SELECTED 256
#define BITS_PER_WORD (8 * sizeof(unsigned long))

static bool is_pipe(pid_t pid, unsigned long fd, const struct pipe_identity *pipe)
{
  char path[64];
  struct stat file;
  snprintf(path, sizeof path, "/proc/%d/fd/%lu", pid, fd);
  return stat(path, &file) == 0 && file.st_dev == pipe->device && file.st_ino == pipe->inode;
}

static ssize_t read_memory(pid_t pid, unsigned long address, void *to, size_t length)
{
  char path[32];
  snprintf(path, sizeof path, "/proc/%d/mem", pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return -1;
  ssize_t got = pread(fd, to, length, (off_t)address);
  close(fd);
  return got;
}

// "tfd:        0 events:       19 data:                0 …", one line for each descriptor of the set.
static bool is_epolled(pid_t pid, unsigned long epoll, const struct pipe_identity *pipe)
{
  char file[32];
  char text[4096];
  snprintf(file, sizeof file, "fdinfo/%lu", epoll);
  if (proc_read(pid, file, text, sizeof text) <= 0)
    return false;
  for (const char *line = strstr(text, "tfd:"); line != NULL; line = strstr(line + 1, "tfd:")) {
    unsigned long fd;
    unsigned int events;
    if (sscanf(line, "tfd: %lu events: %x", &fd, &events) == 2 && events & EPOLLIN && is_pipe(pid, fd, pipe))
      return true;
  }
  return false;
}

// Racket, for one, polls an epoll set that holds its input.
static bool is_watched(pid_t pid, unsigned long fd, const struct pipe_identity *pipe)
{
  return is_pipe(pid, fd, pipe) || is_epolled(pid, fd, pipe);
}

static bool is_polled(pid_t pid, const struct blocked_call *call, const struct pipe_identity *pipe)
{
  struct pollfd polls[MOST_POLLED];
  size_t count = call->arguments[1] < MOST_POLLED ? call->arguments[1] : MOST_POLLED;
  ssize_t got = read_memory(pid, call->arguments[0], polls, count * sizeof *polls);
  for (size_t i = 0; got > 0 && i < (size_t)got / sizeof *polls; i++) {
    if (polls[i].fd >= 0 && polls[i].events & (POLLIN | POLLRDNORM) && is_watched(pid, (unsigned long)polls[i].fd, pipe))
      return true;
  }
  return false;
}

static bool is_selected(pid_t pid, const struct blocked_call *call, const struct pipe_identity *pipe)
{
  unsigned long set[MOST_SELECTED / BITS_PER_WORD] = {0};
  if (call->arguments[1] == 0 || read_memory(pid, call->arguments[1], set, sizeof set) < (ssize_t)sizeof *set)
    return false;
  size_t count = call->arguments[0] < MOST_SELECTED ? call->arguments[0] : MOST_SELECTED;
  for (size_t fd = 0; fd < count; fd++) {
    if (set[fd / BITS_PER_WORD] >> fd % BITS_PER_WORD & 1 && is_watched(pid, fd, pipe))
      return true;
  }
  return false;
}

static bool waits_for(pid_t pid, const struct blocked_call *call, const struct pipe_identity *pipe)
{
  switch (call->number) {
  case SYS_read:
  case SYS_readv:
    return is_pipe(pid, call->arguments[0], pipe);
  case SYS_ppoll:
#ifdef SYS_poll
  case SYS_poll:
#endif
    return is_polled(pid, call, pipe);
  case SYS_pselect6:
#ifdef SYS_select
  case SYS_select:
#endif
    return is_selected(pid, call, pipe);
  case SYS_epoll_pwait:
#ifdef SYS_epoll_wait
  case SYS_epoll_wait:
#endif
#ifdef SYS_epoll_pwait2
  case SYS_epoll_pwait2:
#endif
    return is_epolled(pid, call->arguments[0], pipe);
  default:
    return false;
  }
}

// Without the system call there is the kernel function it sleeps in to go by, or the thread itself.
static bool sleeps_in_pipe(pid_t pid, const char *thread, const struct pipe_identity *pipe)
{
  char file[32];
  char text[64];
  struct blocked_call call;
  snprintf(file, sizeof file, "task/%.10s/wchan", thread);
  if (proc_read(pid, file, text, sizeof text) <= 0)
    return stopped_call(pid, (pid_t)atoi(thread), &call) && waits_for(pid, &call, pipe);
  return (strcmp(text, "pipe_read") == 0 || strcmp(text, "anon_pipe_read") == 0) && is_pipe(pid, 0, pipe);
}

static bool is_thread_blocked(pid_t pid, const char *thread, const struct pipe_identity *pipe)
{
  char file[32];
  char text[256];
  snprintf(file, sizeof file, "task/%.10s/syscall", thread);
  if (proc_read(pid, file, text, sizeof text) <= 0)
    return sleeps_in_pipe(pid, thread, pipe);
  struct blocked_call call;
  unsigned long *a = call.arguments;
  // "running", or "-1 …" for a thread that sleeps outside of a system call, has no arguments.
  if (sscanf(text, "%ld %lx %lx %lx %lx %lx %lx", &call.number, a, a + 1, a + 2, a + 3, a + 4, a + 5) != 7)
    return false;
  return waits_for(pid, &call, pipe);
}

bool blocked_on_pipe(pid_t pid, const struct pipe_identity *pipe, int *threads_left)
{
  char path[32];
  snprintf(path, sizeof path, "/proc/%d/task", pid);
  DIR *threads = opendir(path);
  if (threads == NULL)
    return false;
  bool found = false;
  for (struct dirent *entry; !found && *threads_left > 0 && (entry = readdir(threads)) != NULL;) {
    if (entry->d_name[0] == '.')
      continue;
    --*threads_left;
    found = is_thread_blocked(pid, entry->d_name, pipe);
  }
  closedir(threads);
  return found;
}
