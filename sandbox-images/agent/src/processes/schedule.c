#include "processes/schedule.h"

#include <signal.h>
#include <string.h>

#include "core/clock.h"
#include "processes/launch.h"
#include "processes/members.h"
#include "processes/output.h"

#define KILL_PAUSE_US 10000
#define CHECK_PAUSE_US 50000
// Of a process that is bound to whoever is attached: for the first of them to come, to end in order after the last, and
// for somebody to see how it has ended.
#define FIRST_PATIENCE_US 10000000
#define UNATTACHED_GRACE_MS 2000
#define ENDED_PATIENCE_US 60000000

static void start_again(struct processes *processes, struct process *process, int64_t now)
{
  bool is_cwd;
  members_signal(processes, process, SIGKILL);
  launch_close_all(process);
  process->restarts++;
  int failure = launch(processes, process, &is_cwd);
  if (failure == 0)
    return;
  output_say(process, strerror(failure));
  launch_later(process, now);
}

static void go_on_stopping(struct processes *processes, struct process *process, int64_t now)
{
  bool is_over = process->due <= now;
  process->next_check = now + (is_over ? KILL_PAUSE_US : CHECK_PAUSE_US);
  if (members_signal(processes, process, is_over ? SIGKILL : 0) > 0 || process->pid != 0)
    return;
  process->state = PROCESS_ENDED;
  process_changed(processes, process);
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

void schedule_step(struct processes *processes, int64_t now)
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
    else if (process->state == PROCESS_STOPPING && process->next_check <= now)
      go_on_stopping(processes, process, now);
  }
}

int64_t schedule_next(const struct processes *processes)
{
  int64_t now = clock_us();
  int64_t next = -1;
  for (size_t i = 0; i < processes->count; i++) {
    const struct process *process = processes->list[i];
    if (process_is_flooding(process) && (next < 0 || process->flood_ends - now < next))
      next = process->flood_ends > now ? process->flood_ends - now : 0;
    int64_t at = abandoned_at(process);
    if (process->state == PROCESS_STOPPING)
      at = process->next_check;
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
