#include "processes/process.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "processes/launch.h"
#include "processes/members.h"
#include "processes/output.h"

// Of a process that is bound to whoever is attached: for what it has left running when it ends.
#define LEFT_GRACE_MS 500

struct process *processes_find(const struct processes *processes, const char *id)
{
  for (size_t i = 0; i < processes->count; i++) {
    if (strcmp(processes->list[i]->request.id, id) == 0)
      return processes->list[i];
  }
  return NULL;
}

// So that there is room for another one: who has ended longest ago goes first.
static bool make_room(struct processes *processes)
{
  struct process *oldest = NULL;
  if (processes->count < MOST_PROCESSES)
    return true;
  for (size_t i = 0; i < processes->count; i++) {
    struct process *process = processes->list[i];
    if (process->state == PROCESS_ENDED && (oldest == NULL || process->ended_ms < oldest->ended_ms))
      oldest = process;
  }
  if (oldest == NULL)
    return false;
  process_forget(processes, oldest);
  return true;
}

int process_start(struct processes *processes, struct process_request *request, struct process **started, bool *is_cwd)
{
  *is_cwd = false;
  if (processes_find(processes, request->id) != NULL)
    return EEXIST;
  if (processes->is_ending || !make_room(processes))
    return EAGAIN;
  struct process *process = calloc(1, sizeof *process);
  if (process == NULL)
    return ENOMEM;
  process->request = *request;
  process->input = process->outputs[0] = process->outputs[1] = -1;
  int failure = launch(processes, process, is_cwd);
  if (failure != 0) {
    free(process);
    return failure;
  }
  *request = (struct process_request){0};
  process->unattached_us = process->started_us;
  process->active_us = process->started_us;
  processes->list[processes->count++] = process;
  *started = process;
  return 0;
}

void process_active(struct process *process)
{
  process->active_us = clock_us();
}

bool process_is_busy(const struct process *process)
{
  pid_t group = process->request.has_tty && process->pid != 0 ? tcgetpgrp(process->outputs[0]) : -1;
  return group > 0 && group != process->pid;
}

static bool is_to_start_again(const struct processes *processes, const struct process *process)
{
  bool has_failed = !WIFEXITED(process->status) || WEXITSTATUS(process->status) != 0;
  uint32_t restart = process->request.restart;
  return !processes->is_ending && process->state == PROCESS_RUNNING &&
         (restart == RESTART_ALWAYS || (restart == RESTART_ON_FAILURE && has_failed));
}

static void died(struct processes *processes, struct process *process, int status)
{
  process->pid = 0;
  process->has_status = true;
  process->status = status;
  process->ended_ms = clock_wall_ms();
  process->flood_bytes = 0;
  process->ended_us = clock_us();
  output_read_last(process);
  launch_close(&process->input);
  if (is_to_start_again(processes, process))
    launch_later(process, clock_us());
  else if (process->state == PROCESS_RUNNING && process->request.is_bound && process->request.has_tty)
    process_stop(processes, process, LEFT_GRACE_MS);
  else if (process->state == PROCESS_RUNNING)
    process->state = PROCESS_ENDED;
  // One that is stopped ends when nothing is left of its tree.
  if (process->state != PROCESS_STOPPING)
    process_changed(processes, process);
}

void processes_reaped(struct processes *processes, pid_t pid, int status)
{
  for (size_t i = 0; i < processes->count; i++) {
    if (processes->list[i]->pid == pid)
      died(processes, processes->list[i], status);
  }
}

void process_stop(struct processes *processes, struct process *process, uint32_t grace_ms)
{
  int64_t now = clock_us();
  int64_t due = now + (int64_t)grace_ms * 1000;
  process->is_restarting = false;
  if (process->state == PROCESS_STOPPING && process->due <= due)
    return;
  process->due = due;
  process->next_check = now;
  process->state = PROCESS_STOPPING;
  // A shell at a terminal minds this one only.
  if (process->request.has_tty)
    members_signal(processes, process, SIGHUP);
  members_signal(processes, process, SIGTERM);
}

void process_restart(struct processes *processes, struct process *process, uint32_t grace_ms)
{
  process_stop(processes, process, grace_ms);
  process->is_restarting = true;
}

void process_attached(struct process *process)
{
  process->attached++;
  process->has_been_attached = true;
}

void process_detached(struct process *process)
{
  process->attached--;
  process->unattached_us = clock_us();
}

void process_forget(struct processes *processes, struct process *process)
{
  size_t i = 0;
  while (processes->list[i] != process)
    i++;
  processes->list[i] = processes->list[--processes->count];
  processes->forgotten[processes->forgotten_count++] = process;
}

void process_free(struct process *process)
{
  launch_close_all(process);
  process_request_free(&process->request);
  free(process);
}
