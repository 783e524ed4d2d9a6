#include "run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent.h"
#include "beneath.h"
#include "clock.h"
#include "run_report.h"
#include "run_request.h"
#include "spawn.h"

#define FIRST_KILL_PAUSE_US 1000
#define LONGEST_KILL_PAUSE_US 20000

static void close_input(struct run *run)
{
  if (run->input >= 0)
    close(run->input);
  run->input = -1;
}

static void close_output(struct run_output *output)
{
  if (output->fd >= 0)
    close(output->fd);
  output->fd = -1;
  output->left = 0;
}

static void kill_tree(struct agent *agent, enum run_reason reason)
{
  struct run *run = &agent->run;
  if (run->phase != RUN_ALIVE)
    return;
  int64_t now = clock_us();
  run->phase = RUN_KILLING;
  run->reason = reason;
  run->kill_deadline = now + TREE_DEADLINE_US;
  run->kill_pause = FIRST_KILL_PAUSE_US;
  run->next_kill = now + run->kill_pause;
  tree_kill(agent->is_init);
}

static void start_draining(struct run *run)
{
  run->phase = RUN_DRAINING;
  close_input(run);
  for (size_t i = 0; i < 2; i++) {
    // A process outside of the tree may have opened the pipe through /proc and go on writing: what the tree wrote is
    // what lies in the pipe now, not all that comes until end of file.
    int left = 0;
    if (run->outputs[i].fd >= 0 && ioctl(run->outputs[i].fd, FIONREAD, &left) == 0 && left > 0)
      run->outputs[i].left = (size_t)left;
    else
      close_output(&run->outputs[i]);
  }
}

// With nothing to reap any more the dead are gone, or somebody is left to be killed.
static void settle(struct agent *agent)
{
  struct run *run = &agent->run;
  if (run->ended != 0 && tree_is_gone(agent->is_init))
    start_draining(run);
  else if (run->phase == RUN_ALIVE)
    kill_tree(agent, REASON_EXIT);
}

void run_reap(struct agent *agent)
{
  struct run *run = &agent->run;
  struct death death;
  struct tally others = {0};
  bool is_active = run->phase == RUN_ALIVE || run->phase == RUN_KILLING;
  while (tree_reap(is_active ? &run->tally : &others, &death)) {
    if (!is_active || death.pid != run->pid || run->ended != 0)
      continue;
    run->ended = clock_us();
    run->status = death.status;
  }
  if (is_active && run->ended != 0)
    settle(agent);
}

static void kill_again(struct agent *agent, int64_t now)
{
  struct run *run = &agent->run;
  run_reap(agent);
  if (run->phase != RUN_KILLING)
    return;
  if (now >= run->kill_deadline) {
    agent_fail(agent, ERROR_PROTOCOL, "a process cannot be killed");
    return;
  }
  tree_kill(agent->is_init);
  run->kill_pause = run->kill_pause * 2 < LONGEST_KILL_PAUSE_US ? run->kill_pause * 2 : LONGEST_KILL_PAUSE_US;
  run->next_kill = now + run->kill_pause;
}

// How much of the output the limit still allows to go out.
static uint64_t within_limit(const struct run *run, const struct run_output *output)
{
  if (run->output_limit == 0)
    return UINT64_MAX;
  return output->written < run->output_limit ? run->output_limit - output->written : 0;
}

// Whether bytes are read only to be counted and thrown away, which takes no credit.
static bool is_discarding(const struct run *run, const struct run_output *output)
{
  return run->is_cancelled || within_limit(run, output) == 0;
}

static size_t readable(const struct agent *agent, size_t i)
{
  const struct run *run = &agent->run;
  size_t room = output_data_room(&agent->output);
  size_t credit = run->channel->send_credit[1 + i];
  if (is_discarding(run, &run->outputs[i]))
    return room;
  return room < credit ? room : credit;
}

static size_t smallest(size_t a, uint64_t b, size_t c)
{
  size_t least = a < c ? a : c;
  return least < b ? least : (size_t)b;
}

static ssize_t read_output(struct agent *agent, size_t i, size_t most)
{
  struct run *run = &agent->run;
  struct run_output *output = &run->outputs[i];
  uint8_t stream = (uint8_t)(1 + i);
  uint32_t *credit = &run->channel->send_credit[stream];
  uint8_t *payload = output_begin(&agent->output, FRAME_DATA, run->channel->number, stream);
  ssize_t got = read(output->fd, payload, most);
  if (got <= 0)
    return got < 0 && (errno == EAGAIN || errno == EINTR) ? -1 : 0;
  uint64_t allowed = within_limit(run, output);
  size_t kept = smallest((size_t)got, allowed, *credit);
  if (kept > 0)
    output_commit(&agent->output, kept);
  *credit -= (uint32_t)kept;
  output->written += (uint64_t)got;
  waiting_activity(&run->waiting, clock_us());
  if ((uint64_t)got > allowed)
    kill_tree(agent, REASON_OUTPUT_LIMIT);
  return got;
}

static void read_ready(struct agent *agent, size_t i, short events)
{
  struct run_output *output = &agent->run.outputs[i];
  size_t most = readable(agent, i);
  if (output->fd >= 0 && events != 0 && most > 0 && read_output(agent, i, most) == 0)
    close_output(output);
}

static void drain(struct agent *agent, size_t i)
{
  struct run_output *output = &agent->run.outputs[i];
  while (output->left > 0) {
    size_t most = readable(agent, i);
    if (most == 0)
      return;
    ssize_t got = read_output(agent, i, most < output->left ? most : output->left);
    if (got <= 0)
      break;
    output->left -= (size_t)got;
  }
  close_output(output);
}

static void finish_drained(struct agent *agent)
{
  struct run *run = &agent->run;
  for (size_t i = 0; i < 2; i++)
    drain(agent, i);
  if (run->outputs[0].left > 0 || run->outputs[1].left > 0 || !output_has_room(&agent->output))
    return;
  output_frame(&agent->output, FRAME_END, run->channel->number, 1, NULL, 0);
  output_frame(&agent->output, FRAME_END, run->channel->number, 2, NULL, 0);
  run_report(agent);
}

static void drop_input(struct agent *agent)
{
  struct run *run = &agent->run;
  close_input(run);
  size_t dropped = run->queue.length;
  run->queue.length = 0;
  channel_consumed(agent, run->channel, dropped);
}

static void feed(struct agent *agent)
{
  struct run *run = &agent->run;
  if (run->input < 0 || run->queue.length == 0)
    return;
  long written = stdin_queue_write(&run->queue, run->input);
  if (written < 0) {
    drop_input(agent);
    return;
  }
  if (written > 0) {
    waiting_rearm(&run->waiting, clock_us());
    channel_consumed(agent, run->channel, (size_t)written);
  }
  if (run->queue.length == 0 && run->input_ended)
    close_input(run);
}

static void report_waiting(struct agent *agent, int64_t now)
{
  struct run *run = &agent->run;
  if (!waiting_is_due(&run->waiting, now) || run->input < 0 || run->input_ended || run->queue.length > 0)
    return;
  if (!waiting_check(&run->waiting, run->input, run->pid, agent->is_init, now) || !output_has_room(&agent->output))
    return;
  uint8_t event = EVENT_WAITING_FOR_INPUT;
  output_frame(&agent->output, FRAME_EVENT, run->channel->number, 0, &event, 1);
  waiting_reported(&run->waiting);
}

static void keep_cpu_limit(struct agent *agent, int64_t now)
{
  struct run *run = &agent->run;
  if (!cpu_limit_is_due(&run->cpu_limit, now))
    return;
  struct cgroup_counters counters = cgroup_read(&agent->cgroup);
  if (cpu_limit_check(&run->cpu_limit, run_cpu_us(run, &counters), now))
    kill_tree(agent, REASON_CPU_LIMIT);
}

void run_step(struct agent *agent, const struct pollfd polls[RUN_POLLS])
{
  struct run *run = &agent->run;
  if (run->phase == RUN_NONE)
    return;
  int64_t now = clock_us();
  if (run->phase != RUN_DRAINING) {
    if (polls[0].revents & POLLERR)
      drop_input(agent);
    feed(agent);
    read_ready(agent, 0, polls[1].revents);
    read_ready(agent, 1, polls[2].revents);
  }
  if (run->phase == RUN_ALIVE && run->wall_deadline != 0 && now >= run->wall_deadline)
    kill_tree(agent, REASON_WALL_LIMIT);
  if (run->phase == RUN_ALIVE)
    keep_cpu_limit(agent, now);
  if (run->phase == RUN_KILLING && now >= run->next_kill)
    kill_again(agent, now);
  if (run->phase == RUN_ALIVE)
    report_waiting(agent, now);
  if (run->phase == RUN_DRAINING)
    finish_drained(agent);
}

void run_watch(const struct agent *agent, struct pollfd polls[RUN_POLLS])
{
  const struct run *run = &agent->run;
  for (size_t i = 0; i < RUN_POLLS; i++)
    polls[i] = (struct pollfd){.fd = -1};
  if (run->phase != RUN_ALIVE && run->phase != RUN_KILLING)
    return;
  // Without events it still tells that the last reader is gone.
  polls[0] = (struct pollfd){.fd = run->input, .events = run->queue.length > 0 ? POLLOUT : 0};
  for (size_t i = 0; i < 2; i++) {
    if (readable(agent, i) > 0)
      polls[1 + i] = (struct pollfd){.fd = run->outputs[i].fd, .events = POLLIN};
  }
}

static int64_t sooner(int64_t timeout, int64_t at, int64_t now)
{
  int64_t left = at > now ? at - now : 0;
  return timeout < 0 || left < timeout ? left : timeout;
}

int64_t run_timeout(const struct run *run, int64_t now)
{
  int64_t timeout = -1;
  if (run->phase == RUN_KILLING)
    return sooner(timeout, run->next_kill, now);
  if (run->phase != RUN_ALIVE)
    return timeout;
  if (run->wall_deadline != 0)
    timeout = sooner(timeout, run->wall_deadline, now);
  if (run->cpu_limit.us != 0)
    timeout = sooner(timeout, run->cpu_limit.next_check, now);
  if (waiting_is_armed(&run->waiting) && run->input >= 0 && !run->input_ended && run->queue.length == 0)
    timeout = sooner(timeout, run->waiting.next_check, now);
  return timeout;
}

static void on_data(struct agent *agent, struct channel *channel, const uint8_t *bytes, size_t length)
{
  struct run *run = &agent->run;
  if (run->input < 0) {
    channel_consumed(agent, channel, length);
    return;
  }
  stdin_queue_add(&run->queue, bytes, length);
  feed(agent);
}

static void on_end(struct agent *agent, struct channel *channel)
{
  (void)channel;
  agent->run.input_ended = true;
  if (agent->run.queue.length == 0)
    close_input(&agent->run);
}

static void on_signal(struct agent *agent, struct channel *channel, int signal)
{
  (void)channel;
  // Once it has been reaped its number may be somebody else's.
  if (agent->run.phase == RUN_ALIVE && agent->run.ended == 0)
    kill(-agent->run.pid, signal);
}

static void on_cancel(struct agent *agent, struct channel *channel)
{
  (void)channel;
  agent->run.is_cancelled = true;
  kill_tree(agent, REASON_CANCELLED);
}

static void on_drop(struct agent *agent, struct channel *channel)
{
  (void)channel;
  struct run *run = &agent->run;
  close_input(run);
  close_output(&run->outputs[0]);
  close_output(&run->outputs[1]);
  run->phase = RUN_NONE;
}

static const struct operation run_operation = {
  .outgoing = 1u << 1 | 1u << 2,
  .data = on_data,
  .end = on_end,
  .signal = on_signal,
  .cancel = on_cancel,
  .drop = on_drop,
};

// The queue keeps its bytes: clearing a quarter of a megabyte would cost more than starting a program.
static void reset_run(struct run *run)
{
  memset(run, 0, offsetof(struct run, queue));
  run->queue.start = 0;
  run->queue.length = 0;
  run->input = -1;
  run->outputs[0].fd = -1;
  run->outputs[1].fd = -1;
}

static void begin(struct agent *agent, uint16_t number, const struct run_request *request, int cwd)
{
  struct run *run = &agent->run;
  reset_run(run);
  run->counters = cgroup_read(&agent->cgroup);
  run->started = clock_us();
  struct program program = {request->argv, request->envp, cwd};
  struct pipes pipes;
  int failure = spawn(&program, &run->pid, &pipes);
  if (failure != 0) {
    char message[256];
    snprintf(message, sizeof message, "%.200s: %s", request->argv[0], strerror(failure));
    output_error(&agent->output, number, ERROR_SPAWN, message);
    return;
  }
  run->phase = RUN_ALIVE;
  run->channel = channel_open(agent, number, &run_operation, run);
  run->input = pipes.input;
  run->outputs[0].fd = pipes.output;
  run->outputs[1].fd = pipes.error;
  run->output_limit = request->output_limit;
  if (request->wall_ms != 0)
    run->wall_deadline = run->started + (int64_t)request->wall_ms * 1000;
  cpu_limit_start(&run->cpu_limit, request->cpu_ms, run->started);
  if (request->flags & RUN_FLAG_INPUT_WAIT)
    waiting_start(&run->waiting, run->input, clock_us());
  uint8_t *start = output_begin(&agent->output, FRAME_EVENT, number, 0);
  start[0] = EVENT_STARTED;
  uint8_t *end = field_put32(start + 1, 1, (uint32_t)run->pid);
  output_commit(&agent->output, (size_t)(end - start));
}

static void refuse_directory(struct agent *agent, uint16_t number, int error)
{
  char message[128];
  snprintf(message, sizeof message, "working directory: %s", strerror(error));
  output_error(&agent->output, number, path_error(error), message);
}

void run_open(struct agent *agent, uint16_t number, struct fields *fields)
{
  if (agent->run.phase != RUN_NONE || !channel_has_room(agent)) {
    output_error(&agent->output, number, ERROR_BUSY, "a program is running");
    return;
  }
  struct run_request request;
  if (!run_request_read(&request, fields)) {
    output_error(&agent->output, number, ERROR_BAD_REQUEST, "not the fields of a run");
    return;
  }
  int cwd = beneath_directory(agent->root, request.cwd);
  if (cwd < 0)
    refuse_directory(agent, number, errno);
  else
    begin(agent, number, &request, cwd);
  if (cwd >= 0)
    close(cwd);
  run_request_free(&request);
}
