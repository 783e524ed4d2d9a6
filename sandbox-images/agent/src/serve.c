#include "serve.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/agent.h"
#include "core/channels.h"
#include "core/clock.h"
#include "core/connection.h"
#include "operations.h"
#include "reset/pristine.h"
#include "run/run.h"
#include "run/run_end.h"
#include "run/run_loop.h"

#define EXIT_BROKEN 70
// For the last frames of a connection whose other side does not read.
#define LAST_FRAMES_MS 1000

enum {
  POLL_INPUT,
  POLL_OUTPUT,
  POLL_SIGNALS,
  POLL_RUN,
  POLL_CHANNELS = POLL_RUN + RUN_POLLS,
  POLLS = POLL_CHANNELS + MAX_CHANNELS
};

// As PID 1 children only: SIGTERM is not honoured even when it seems to come from outside of the namespace (no sender),
// as a guest can forge that too. It lowers RLIMIT_SIGPENDING of the agent with prlimit and sends the signal with
// rt_sigqueueinfo; the kernel then drops the details and reports a kill by process 0. End of input ends the agent,
// and SIGKILL from outside, which no guest can send to PID 1. Any other agent a guest may kill anyway, so that one
// ends on SIGTERM.
static int watch_signals(bool is_init)
{
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGCHLD);
  if (!is_init)
    sigaddset(&signals, SIGTERM);
  return signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

static bool set_up(struct agent *agent, const struct options *options)
{
  agent->is_init = getpid() == 1;
  if (!agent->is_init && prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
    return false;
  baseline_take(&agent->pristine->baseline);
  cgroup_open(&agent->run->cgroup, options->cgroup);
  agent->root = open(options->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
  agent->signals = watch_signals(agent->is_init);
  if (agent->root < 0 || agent->signals < 0)
    return false;
  struct pristine *pristine = agent->pristine;
  for (; pristine->scratch_count < options->scratch_count; pristine->scratch_count++) {
    if (!scratch_open(&pristine->scratch[pristine->scratch_count], options->scratch[pristine->scratch_count]))
      return false;
  }
  return fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK) == 0 && fcntl(STDOUT_FILENO, F_SETFL, O_NONBLOCK) == 0;
}

// As few as there are: poll refuses more entries than the limit of open files, which a guest can lower.
static nfds_t count_watched(const struct pollfd polls[POLLS])
{
  nfds_t count = POLLS;
  while (count > 0 && polls[count - 1].fd < 0)
    count--;
  return count;
}

static bool wait_for_events(struct agent *agent, struct pollfd polls[POLLS], int timeout)
{
  nfds_t count = count_watched(polls);
  int ready = poll(polls, count, timeout);
  if (ready < 0 && errno == EINVAL && baseline_restore(&agent->pristine->baseline))
    ready = poll(polls, count, timeout);
  return ready >= 0 || errno == EINTR;
}

static int poll_timeout(const struct agent *agent, bool has_more)
{
  if (has_more)
    return 0;
  int64_t timeout = run_timeout(agent->run, clock_us());
  // Rounded up, or the last millisecond would be spent spinning.
  return timeout < 0 ? -1 : (int)((timeout + 999) / 1000);
}

// Collects what has ended; false when the agent is to end itself.
static bool take_signals(struct agent *agent)
{
  struct signalfd_siginfo signal;
  bool goes_on = true;
  while (read(agent->signals, &signal, sizeof signal) > 0)
    goes_on = goes_on && signal.ssi_signo != SIGTERM;
  run_reap(agent);
  return goes_on;
}

// One round of the loop; false when the connection is over.
static bool turn(struct agent *agent, bool *has_more)
{
  struct pollfd polls[POLLS] = {
    [POLL_INPUT] = {.fd = output_has_room(&agent->output) ? STDIN_FILENO : -1, .events = POLLIN},
    [POLL_OUTPUT] = {.fd = STDOUT_FILENO, .events = output_pending(&agent->output) ? POLLOUT : 0},
    [POLL_SIGNALS] = {.fd = agent->signals, .events = POLLIN},
  };
  run_watch(agent, polls + POLL_RUN);
  channels_watch(agent, polls + POLL_CHANNELS);
  if (!wait_for_events(agent, polls, poll_timeout(agent, *has_more)))
    return false;
  if (polls[POLL_OUTPUT].revents & (POLLERR | POLLHUP | POLLNVAL))
    return false;
  if (polls[POLL_OUTPUT].revents & POLLOUT && output_flush(&agent->output, STDOUT_FILENO) == OUTPUT_CLOSED)
    return false;
  // Before any frame is handled, which may open another channel in the same slot.
  channels_step(agent, polls + POLL_CHANNELS);
  connection_handle(agent);
  if (polls[POLL_INPUT].revents != 0 && !connection_read(agent, STDIN_FILENO))
    return false;
  run_step(agent, polls + POLL_RUN);
  if (polls[POLL_SIGNALS].revents != 0) {
    if (!take_signals(agent))
      return false;
    // What has become of the run goes out in the same write.
    run_watch(agent, polls + POLL_RUN);
    run_step(agent, polls + POLL_RUN);
  }
  *has_more = channels_pump(agent);
  bool was_crowded = output_data_room(&agent->output) < MAX_PAYLOAD;
  if (output_flush(&agent->output, STDOUT_FILENO) == OUTPUT_CLOSED)
    return false;
  // A channel that found no room just now has some, and there is no event for that.
  *has_more |= was_crowded && !output_pending(&agent->output);
  return true;
}

static void send_last_frames(struct agent *agent)
{
  struct pollfd output = {.fd = STDOUT_FILENO, .events = POLLOUT};
  while (output_flush(&agent->output, STDOUT_FILENO) == OUTPUT_OPEN && output_pending(&agent->output)) {
    if (poll(&output, 1, LAST_FRAMES_MS) <= 0)
      return;
  }
}

int serve(const struct options *options)
{
  // Too large for a stack, and pages that are never touched cost nothing.
  static struct run run;
  static struct pristine pristine;
  static struct agent agent = {.operations = operations, .run = &run, .pristine = &pristine};
  if (!set_up(&agent, options)) {
    fprintf(stderr, "agent: %s\n", strerror(errno));
    return EXIT_BROKEN;
  }
  connection_hello(&agent);
  bool has_more = false;
  bool is_open = output_flush(&agent.output, STDOUT_FILENO) == OUTPUT_OPEN;
  while (is_open && !agent.has_failed)
    is_open = turn(&agent, &has_more);
  bool is_clean = agent.has_left || tree_kill_and_wait(agent.is_init);
  channel_close_all(&agent);
  if (agent.has_failed)
    send_last_frames(&agent);
  return agent.has_failed || !is_clean ? EXIT_BROKEN : 0;
}
