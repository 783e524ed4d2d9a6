#include "processes/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/clock.h"
#include "paths/resolve.h"
#include "run/spawn.h"

#define LEAST_BACKOFF_US 200000
#define MOST_BACKOFF_US 60000000
// Who has lived this long has not failed at its start.
#define HEALTHY_US 10000000

void launch_close(int *end)
{
  if (*end >= 0)
    close(*end);
  *end = -1;
}

void launch_close_all(struct process *process)
{
  launch_close(&process->input);
  launch_close(&process->outputs[0]);
  launch_close(&process->outputs[1]);
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

int launch(struct processes *processes, struct process *process, bool *is_cwd)
{
  const struct command *command = &process->request.command;
  int cwd = resolve_directory(processes->root, command->cwd);
  *is_cwd = cwd < 0;
  if (cwd < 0)
    return errno;
  struct program program = {command->argv, command->envp, cwd, 0, false, process->request.is_first_to_go};
  int failure = process->request.has_tty ? start_on_tty(process, &program) : start_on_pipes(process, &program);
  close(cwd);
  process->started_ms = clock_wall_ms();
  process->started_us = clock_us();
  if (failure != 0) {
    process->pid = 0;
    return failure;
  }
  process->state = PROCESS_RUNNING;
  process->session = process->pid;
  process_changed(processes, process);
  return 0;
}

void launch_later(struct process *process, int64_t now)
{
  if (process->backoff_us == 0 || process->started_us + HEALTHY_US < now)
    process->backoff_us = LEAST_BACKOFF_US;
  process->state = PROCESS_WAITING;
  process->due = now + process->backoff_us;
  process->backoff_us = process->backoff_us * 2 < MOST_BACKOFF_US ? process->backoff_us * 2 : MOST_BACKOFF_US;
}
