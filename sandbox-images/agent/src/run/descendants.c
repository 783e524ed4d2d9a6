#include "run/descendants.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Untouched pages cost nothing. Whoever does not fit comes into view when the others are dead.
#define MAX_PROCESSES 8192
// A bomb that outruns so many rounds is out of our hands; the caller comes back.
#define STOP_ROUNDS 64

struct process {
  pid_t pid;
  pid_t parent;
  char state;
  bool is_descendant;
};

struct snapshot {
  size_t count;
  struct process processes[MAX_PROCESSES];
};

// "pid (name) state parent …", where the name is whatever the program likes, with blanks and parentheses.
static bool read_process(int proc, const char *name, struct process *process)
{
  char path[32];
  char text[512];
  snprintf(path, sizeof path, "%.10s/stat", name);
  int fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return false;
  ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  if (length <= 0)
    return false;
  text[length] = 0;
  const char *rest = strrchr(text, ')');
  int parent;
  if (rest == NULL || sscanf(rest + 1, " %c %d", &process->state, &parent) != 2)
    return false;
  process->pid = (pid_t)atoi(name);
  process->parent = parent;
  process->is_descendant = false;
  return true;
}

static int compare(const void *left, const void *right)
{
  pid_t a = ((const struct process *)left)->pid;
  pid_t b = ((const struct process *)right)->pid;
  return (a > b) - (a < b);
}

static bool is_descendant(const struct snapshot *snapshot, pid_t pid)
{
  struct process key = {.pid = pid};
  const struct process *found =
    bsearch(&key, snapshot->processes, snapshot->count, sizeof *snapshot->processes, compare);
  return found != NULL && found->is_descendant;
}

// Children mostly have higher numbers than their parents, so that one pass finds all; further ones are for numbers
// that have wrapped.
static void mark_descendants(struct snapshot *snapshot)
{
  pid_t self = getpid();
  bool changed = true;
  while (changed) {
    changed = false;
    for (size_t i = 0; i < snapshot->count; i++) {
      struct process *process = &snapshot->processes[i];
      if (process->is_descendant)
        continue;
      process->is_descendant = process->parent == self || is_descendant(snapshot, process->parent);
      changed |= process->is_descendant;
    }
  }
}

static struct snapshot *take_snapshot(void)
{
  static struct snapshot snapshot;
  snapshot.count = 0;
  DIR *proc = opendir("/proc");
  if (proc == NULL)
    return &snapshot;
  // The kernel lists processes by rising number, which bsearch relies on.
  for (struct dirent *entry; snapshot.count < MAX_PROCESSES && (entry = readdir(proc)) != NULL;) {
    if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
      snapshot.count += read_process(dirfd(proc), entry->d_name, &snapshot.processes[snapshot.count]);
  }
  closedir(proc);
  mark_descendants(&snapshot);
  return &snapshot;
}

void descendants_visit(pid_t after, bool (*visit)(pid_t pid, void *context), void *context)
{
  const struct snapshot *snapshot = take_snapshot();
  for (size_t i = 0; i < snapshot->count; i++) {
    const struct process *process = &snapshot->processes[i];
    if (process->is_descendant && process->pid > after && !visit(process->pid, context))
      return;
  }
}

static bool is_still(const struct process *process)
{
  return strchr("TtZX", process->state) != NULL;
}

static size_t signal_moving(const struct snapshot *snapshot)
{
  size_t moving = 0;
  for (size_t i = 0; i < snapshot->count; i++) {
    const struct process *process = &snapshot->processes[i];
    if (process->is_descendant && !is_still(process))
      moving += kill(process->pid, SIGSTOP) == 0;
  }
  return moving;
}

void descendants_kill(void)
{
  const struct snapshot *snapshot = take_snapshot();
  for (int round = 0; round < STOP_ROUNDS && signal_moving(snapshot) > 0; round++)
    snapshot = take_snapshot();
  for (size_t i = 0; i < snapshot->count; i++) {
    if (snapshot->processes[i].is_descendant)
      kill(snapshot->processes[i].pid, SIGKILL);
  }
}
