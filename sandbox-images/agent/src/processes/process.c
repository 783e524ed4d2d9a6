#include "processes/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "paths/resolve.h"
#include "processes/members.h"
#include "run/spawn.h"

#define LEAST_BACKOFF_US 200000
#define MOST_BACKOFF_US 60000000
// Who has lived this long has not failed at its start.
#define HEALTHY_US 10000000
#define KILL_PAUSE_US 10000
#define LOOK_PAUSE_US 50000
#define MOST_READ 65536
// A terminal gives 4 KiB at a time. Who gives so much goes on.
#define MOST_READS 16
#define FLOOD_READ 2048
// When nothing comes for so long a flood is over.
#define FLOOD_PAUSE_US 2000
// Of a process that is bound to whoever is attached: for the first of them to come, to end in order after the last, for
// what it has left running when it ends, and for somebody to see how.
#define FIRST_PATIENCE_US 10000000
#define UNATTACHED_GRACE_MS 2000
#define LEFT_GRACE_MS 500
#define ENDED_PATIENCE_US 60000000
// What its pipes and whoever is left can give at its end.
#define LAST_READS 16

static uint64_t now_ms(void)
{
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

struct process *processes_find(const struct processes *processes, const char *id)
{
  for (size_t i = 0; i < processes->count; i++) {
    if (strcmp(processes->list[i]->request.id, id) == 0)
      return processes->list[i];
  }
  return NULL;
}

static void close_end(int *end)
{
  if (*end >= 0)
    close(*end);
  *end = -1;
}

static void close_ends(struct process *process)
{
  close_end(&process->input);
  close_end(&process->outputs[0]);
  close_end(&process->outputs[1]);
}

static int start_on_tty(struct process *process, const struct program *program)
{
  uint32_t size = process->request.size;
  struct winsize window = {.ws_col = (unsigned short)(size >> 16), .ws_row = (unsigned short)size};
  int failure = spawn_on_tty(*program, &window, &process->pid, &process->outputs[0]);
  // An end of its own for each direction, each closed when it is done.
  if (failure == 0)
    process->input = fcntl(process->outputs[0], F_DUPFD_CLOEXEC, 0);
  return failure;
}

static int start_on_pipes(struct process *process, const struct program *program)
{
  struct pipes pipes;
  int failure = spawn(program, &process->pid, &pipes);
  if (failure == 0) {
    process->input = pipes.input;
    process->outputs[0] = pipes.output;
    process->outputs[1] = pipes.error;
  }
  return failure;
}

static void has_changed(struct processes *processes, struct process *process)
{
  process->changed = ++processes->changes;
}

static int start(struct processes *processes, struct process *process, bool *is_cwd)
{
  const struct command *command = &process->request.command;
  int cwd = resolve_directory(processes->root, command->cwd);
  *is_cwd = cwd < 0;
  if (cwd < 0)
    return errno;
  struct program program = {command->argv, command->envp, cwd, 0, false, process->request.is_first_to_go};
  int failure = process->request.has_tty ? start_on_tty(process, &program) : start_on_pipes(process, &program);
  close(cwd);
  process->started_ms = now_ms();
  process->started_us = clock_us();
  if (failure != 0) {
    process->pid = 0;
    return failure;
  }
  process->state = PROCESS_RUNNING;
  process->session = process->pid;
  has_changed(processes, process);
  return 0;
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
  process->backoff_us = LEAST_BACKOFF_US;
  int failure = start(processes, process, is_cwd);
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

// How much there was.
static size_t read_once(struct process *process, size_t output, size_t most)
{
  size_t room;
  uint8_t *to = ring_room(&process->ring, &room);
  ssize_t got = read(process->outputs[output], to, room < most ? room : most);
  if (got > 0)
    ring_add(&process->ring, (uint8_t)(1 + output), (size_t)got);
  else if (got == 0 || (errno != EAGAIN && errno != EINTR))
    close_end(&process->outputs[output]);
  return got > 0 ? (size_t)got : 0;
}

static size_t read_some(struct process *process, size_t output, int most_reads)
{
  size_t total = 0;
  size_t got = FLOOD_READ;
  for (int reads = 0; reads < most_reads && got >= FLOOD_READ && total < MOST_READ && process->outputs[output] >= 0; reads++)
    total += got = read_once(process, output, MOST_READ - total);
  return total;
}

void process_read(struct process *process, size_t output)
{
  int64_t now = clock_us();
  size_t total = read_some(process, output, MOST_READS);
  if (total < FLOOD_READ || process->flood_ends <= now)
    process->flood_bytes = 0;
  process->flood_bytes += total;
  process->flood_ends = now + FLOOD_PAUSE_US;
  if (total > 0)
    process_active(process);
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

static void say(struct process *process, const char *what)
{
  char text[256];
  size_t room;
  uint8_t *to = ring_room(&process->ring, &room);
  size_t length = (size_t)snprintf(text, sizeof text, "agent: %.200s\n", what);
  if (room < length)
    length = room;
  memcpy(to, text, length);
  ring_add(&process->ring, 2, length);
}

static bool is_to_start_again(const struct processes *processes, const struct process *process)
{
  bool has_failed = !WIFEXITED(process->status) || WEXITSTATUS(process->status) != 0;
  uint32_t restart = process->request.restart;
  return !processes->is_ending && process->state == PROCESS_RUNNING &&
         (restart == RESTART_ALWAYS || (restart == RESTART_ON_FAILURE && has_failed));
}

static void wait_for_next_start(struct process *process, int64_t now)
{
  if (process->started_us + HEALTHY_US < now)
    process->backoff_us = LEAST_BACKOFF_US;
  process->state = PROCESS_WAITING;
  process->due = now + process->backoff_us;
  process->backoff_us = process->backoff_us * 2 < MOST_BACKOFF_US ? process->backoff_us * 2 : MOST_BACKOFF_US;
}

static void died(struct processes *processes, struct process *process, int status)
{
  process->pid = 0;
  process->has_status = true;
  process->status = status;
  process->ended_ms = now_ms();
  process->flood_bytes = 0;
  process->ended_us = clock_us();
  for (size_t i = 0; i < OUTPUTS; i++) {
    for (int reads = 0; reads < LAST_READS && process->outputs[i] >= 0 && read_once(process, i, MOST_READ) > 0; reads++) {
    }
  }
  close_end(&process->input);
  if (is_to_start_again(processes, process))
    wait_for_next_start(process, clock_us());
  else if (process->state == PROCESS_RUNNING && process->request.is_bound && process->request.has_tty)
    process_stop(processes, process, LEFT_GRACE_MS);
  else if (process->state == PROCESS_RUNNING)
    process->state = PROCESS_ENDED;
  // One that is stopped ends when nothing is left of its tree.
  if (process->state != PROCESS_STOPPING)
    has_changed(processes, process);
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
  process->next_look = now;
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
  close_ends(process);
  process_request_free(&process->request);
  free(process);
}

static void start_again(struct processes *processes, struct process *process, int64_t now)
{
  bool is_cwd;
  members_signal(processes, process, SIGKILL);
  close_ends(process);
  process->restarts++;
  int failure = start(processes, process, &is_cwd);
  if (failure == 0)
    return;
  say(process, strerror(failure));
  wait_for_next_start(process, now);
}

static void go_on_stopping(struct processes *processes, struct process *process, int64_t now)
{
  bool is_over = process->due <= now;
  process->next_look = now + (is_over ? KILL_PAUSE_US : LOOK_PAUSE_US);
  if (members_signal(processes, process, is_over ? SIGKILL : 0) > 0 || process->pid != 0)
    return;
  process->state = PROCESS_ENDED;
  has_changed(processes, process);
  if (process->is_restarting && !processes->is_ending)
    start_again(processes, process, now);
  process->is_restarting = false;
}

// When one that is bound to whoever is attached has been waiting for somebody for long enough, to end it or to forget it;
// -1 for never.
static int64_t abandoned_at(const struct process *process)
{
  int64_t patience = (int64_t)process->request.patience_ms * 1000;
  if (!process->request.is_bound || process->attached > 0 || process->state == PROCESS_STOPPING)
    return -1;
  if (process->state == PROCESS_ENDED) {
    if (process->was_abandoned)
      return process->ended_us;
    return process->ended_us + (patience < ENDED_PATIENCE_US ? patience : ENDED_PATIENCE_US);
  }
  if (!process->has_been_attached && patience < FIRST_PATIENCE_US)
    patience = FIRST_PATIENCE_US;
  return process->unattached_us + patience;
}

static void abandon(struct processes *processes, struct process *process)
{
  if (process->state == PROCESS_ENDED) {
    process_forget(processes, process);
    return;
  }
  process->was_abandoned = true;
  process_stop(processes, process, UNATTACHED_GRACE_MS);
}

void processes_step(struct processes *processes, int64_t now)
{
  // From the end: who is forgotten leaves its place to the last.
  for (size_t i = processes->count; i-- > 0;) {
    struct process *process = processes->list[i];
    if (process->flood_ends <= now)
      process->flood_bytes = 0;
    int64_t abandoned = abandoned_at(process);
    if (abandoned >= 0 && abandoned <= now)
      abandon(processes, process);
    else if (process->state == PROCESS_WAITING && process->due <= now)
      start_again(processes, process, now);
    else if (process->state == PROCESS_STOPPING && process->next_look <= now)
      go_on_stopping(processes, process, now);
  }
}

int64_t processes_next(const struct processes *processes)
{
  int64_t now = clock_us();
  int64_t next = -1;
  for (size_t i = 0; i < processes->count; i++) {
    const struct process *process = processes->list[i];
    if (process_is_flooding(process) && (next < 0 || process->flood_ends - now < next))
      next = process->flood_ends > now ? process->flood_ends - now : 0;
    int64_t at = abandoned_at(process);
    if (process->state == PROCESS_STOPPING)
      at = process->next_look;
    else if (process->state == PROCESS_WAITING && (at < 0 || process->due < at))
      at = process->due;
    if (at < 0)
      continue;
    int64_t wait = at > now ? at - now : 0;
    if (next < 0 || wait < next)
      next = wait;
  }
  return next;
}
