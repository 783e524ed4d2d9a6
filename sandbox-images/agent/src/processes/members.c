#include "processes/members.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "processes/process.h"

#define MARK "BERTH_PROCESS="
// The variable stands first in the environment that a process is started with.
#define ENVIRONMENT_BYTES 4096

struct snapshot {
  const struct processes *processes;
  size_t count;
  struct member members[MOST_MEMBERS];
};

static int compare(const void *left, const void *right)
{
  pid_t a = ((const struct member *)left)->pid;
  pid_t b = ((const struct member *)right)->pid;
  return (a > b) - (a < b);
}

static const struct process *owner_of_parent(const struct snapshot *snapshot, pid_t parent)
{
  struct member key = {.pid = parent};
  const struct member *found = bsearch(&key, snapshot->members, snapshot->count, sizeof key, compare);
  return found != NULL ? found->owner : NULL;
}

// The number of a process that has gone stays taken while its session has members.
static const struct process *leader(const struct processes *processes, pid_t session)
{
  for (size_t i = 0; i < processes->count; i++) {
    if (processes->list[i]->session == session)
      return processes->list[i];
  }
  return NULL;
}

static const struct process *marked(const struct processes *processes, pid_t pid)
{
  char environment[ENVIRONMENT_BYTES];
  ssize_t length = proc_read(pid, "environ", environment, sizeof environment);
  for (const char *at = environment; length > 0 && at < environment + length; at += strlen(at) + 1) {
    if (strncmp(at, MARK, strlen(MARK)) == 0)
      return processes_find(processes, at + strlen(MARK));
  }
  return NULL;
}

static bool add(pid_t pid, void *context)
{
  struct snapshot *snapshot = context;
  struct member *member = &snapshot->members[snapshot->count];
  if (pid == 1 || !proc_stat(pid, &member->stat) || member->stat.has_ended)
    return true;
  member->pid = pid;
  member->owner = owner_of_parent(snapshot, member->stat.parent);
  if (member->owner == NULL)
    member->owner = leader(snapshot->processes, member->stat.session);
  if (member->owner == NULL)
    member->owner = marked(snapshot->processes, pid);
  return ++snapshot->count < MOST_MEMBERS;
}

static struct snapshot *take_snapshot(const struct processes *processes)
{
  static struct snapshot snapshot;
  snapshot.processes = processes;
  snapshot.count = 0;
  // By rising number, which bsearch relies on.
  proc_visit(add, &snapshot);
  return &snapshot;
}

size_t members_find(const struct processes *processes, const struct member **members)
{
  const struct snapshot *snapshot = take_snapshot(processes);
  *members = snapshot->members;
  return snapshot->count;
}

size_t members_signal(const struct processes *processes, const struct process *owner, int signal)
{
  const struct snapshot *snapshot = take_snapshot(processes);
  size_t found = 0;
  for (size_t i = 0; i < snapshot->count; i++) {
    if (snapshot->members[i].owner != owner)
      continue;
    found++;
    if (signal == 0)
      continue;
    kill(snapshot->members[i].pid, signal);
    // A stopped one would only get it when it goes on.
    if (signal != SIGKILL)
      kill(snapshot->members[i].pid, SIGCONT);
  }
  return found;
}
