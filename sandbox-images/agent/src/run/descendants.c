#include "run/descendants.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/proc.h"

// Untouched pages cost nothing. What does not fit is found when the others are dead.
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

static bool add_process(pid_t pid, void *context)
{
  struct snapshot *snapshot = context;
  struct proc_stat stat;
  if (proc_stat(pid, &stat))
    snapshot->processes[snapshot->count++] = (struct process){pid, stat.parent, stat.state, false};
  return snapshot->count < MAX_PROCESSES;
}

static struct snapshot *take_snapshot(void)
{
  static struct snapshot snapshot;
  snapshot.count = 0;
  // By rising number, which bsearch relies on.
  proc_visit(add_process, &snapshot);
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
