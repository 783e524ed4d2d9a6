#include "run/waiting.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "run/blocked.h"
#include "run/descendants.h"

#define FIRST_PAUSE_US 2000
#define LONGEST_PAUSE_US 100000
// Threads per look, so that a program with thousands of them costs no more than one with a few hundred.
#define MOST_THREADS 256

static void look_soon(struct waiting *waiting, int64_t now)
{
  waiting->pause = FIRST_PAUSE_US;
  waiting->next_check = now + FIRST_PAUSE_US;
  waiting->after = 0;
}

void waiting_start(struct waiting *waiting, int input, int64_t now)
{
  struct stat pipe;
  if (fstat(input, &pipe) < 0)
    return;
  waiting->enabled = true;
  waiting->device = pipe.st_dev;
  waiting->inode = pipe.st_ino;
  look_soon(waiting, now);
}

void waiting_activity(struct waiting *waiting, int64_t now)
{
  look_soon(waiting, now);
}

void waiting_rearm(struct waiting *waiting, int64_t now)
{
  waiting->reported = false;
  look_soon(waiting, now);
}

void waiting_reported(struct waiting *waiting)
{
  waiting->reported = true;
}

bool waiting_is_armed(const struct waiting *waiting)
{
  return waiting->enabled && !waiting->reported;
}

bool waiting_is_due(const struct waiting *waiting, int64_t now)
{
  return waiting_is_armed(waiting) && now >= waiting->next_check;
}

struct look {
  struct waiting *waiting;
  int threads_left;
  bool found;
};

static bool look_at(pid_t pid, void *context)
{
  struct look *look = context;
  struct pipe_identity pipe = {look->waiting->device, look->waiting->inode};
  look->found = blocked_on_pipe(pid, &pipe, &look->threads_left);
  look->waiting->after = pid;
  return !look->found && look->threads_left > 0;
}

// As PID 1 everything in the namespace is the run's.
static void visit_everything(struct look *look)
{
  DIR *proc = opendir("/proc");
  if (proc == NULL)
    return;
  pid_t after = look->waiting->after > 1 ? look->waiting->after : 1;
  for (struct dirent *entry; (entry = readdir(proc)) != NULL;) {
    pid_t pid = (pid_t)atoi(entry->d_name);
    if (pid > after && !look_at(pid, look))
      break;
  }
  closedir(proc);
}

bool waiting_check(struct waiting *waiting, int input, pid_t program, bool is_init, int64_t now)
{
  waiting->next_check = now + waiting->pause;
  waiting->pause = waiting->pause * 2 < LONGEST_PAUSE_US ? waiting->pause * 2 : LONGEST_PAUSE_US;
  int unread = 0;
  if (ioctl(input, FIONREAD, &unread) < 0 || unread > 0)
    return false;
  struct look look = {waiting, MOST_THREADS, false};
  pid_t after = waiting->after;
  // Most programs read for themselves: then no list of processes is needed.
  look_at(program, &look);
  waiting->after = after;
  if (!look.found && look.threads_left > 0) {
    if (is_init)
      visit_everything(&look);
    else
      descendants_visit(after, look_at, &look);
    // Got to the end: start over.
    if (!look.found && look.threads_left > 0)
      waiting->after = 0;
  }
  return look.found;
}
