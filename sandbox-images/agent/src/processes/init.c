#include "processes/init.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "processes/connections.h"
#include "processes/listener.h"
#include "processes/operations.h"
#include "processes/output.h"
#include "processes/process.h"
#include "processes/schedule.h"
#include "reset/baseline.h"
#include "run/tree.h"

#define GRACE_US 8000000
// Those started from outside are not our children, so no signal comes at their end.
#define LOOK_PAUSE_US 50000
#define EXIT_USAGE 64
#define EXIT_BROKEN 70

enum { POLL_SIGNALS, POLL_LISTENER, POLL_OUTPUTS, POLL_CONNECTIONS = POLL_OUTPUTS + MOST_PROCESSES * OUTPUTS, POLLS = POLL_CONNECTIONS + CONNECTION_POLLS };

struct init {
  int signals;
  int listener;
  // When what is left is killed; 0 before anybody has asked for the end.
  int64_t deadline;
  struct processes processes;
  struct connections connections;
  struct baseline baseline;
};

static bool set_up(struct init *init, const char *root, const struct operation *const *operations)
{
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGCHLD);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  baseline_take(&init->baseline);
  init->signals = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
  init->listener = listener_open();
  init->processes.root = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
  connections_init(&init->connections, &init->processes, operations);
  return init->signals >= 0 && init->listener >= 0 && init->processes.root >= 0;
}

// A signal from within the namespace has a sender there. A guest that forges that away ends its own sandbox.
static bool is_from_outside(const struct signalfd_siginfo *signal)
{
  return signal->ssi_code == SI_USER && signal->ssi_pid == 0;
}

static void begin_end(struct init *init)
{
  init->processes.is_ending = true;
  init->deadline = clock_us() + GRACE_US;
  kill(-1, SIGTERM);
}

static void take_signals(struct init *init)
{
  struct signalfd_siginfo signal;
  struct tally tally = {0};
  struct death death;
  while (read(init->signals, &signal, sizeof signal) > 0) {
    if (signal.ssi_signo != SIGCHLD && is_from_outside(&signal) && init->deadline == 0)
      begin_end(init);
  }
  while (tree_reap(&tally, &death))
    processes_reaped(&init->processes, death.pid, death.status);
}

static void watch_outputs(struct init *init, struct pollfd *polls)
{
  connections_count_followers(&init->connections);
  for (size_t i = 0; i < MOST_PROCESSES * OUTPUTS; i++) {
    const struct process *process = i / OUTPUTS < init->processes.count ? init->processes.list[i / OUTPUTS] : NULL;
    bool is_read = process != NULL && (process->followers == 0 || process->behind < process->followers);
    int fd = is_read ? process->outputs[i % OUTPUTS] : -1;
    polls[i] = (struct pollfd){.fd = fd, .events = POLLIN};
  }
}

static void read_outputs(const struct init *init, const struct pollfd *polls)
{
  for (size_t i = 0; i < init->processes.count * OUTPUTS; i++) {
    if (polls[i].revents != 0)
      output_read(init->processes.list[i / OUTPUTS], i % OUTPUTS);
  }
}

static int timeout_ms(const struct init *init, bool has_more)
{
  if (has_more)
    return 0;
  int64_t wait = schedule_next(&init->processes);
  if (init->deadline > 0 && (wait < 0 || wait > LOOK_PAUSE_US))
    wait = LOOK_PAUSE_US;
  // Rounded up, or the last millisecond would be spent spinning.
  return wait < 0 ? -1 : (int)((wait + 999) / 1000);
}

// Only what is there: poll takes no more entries than the limit of open files, which a guest can lower.
static void wait_for_events(struct init *init, struct pollfd polls[POLLS], int timeout)
{
  static struct pollfd watched[POLLS];
  static size_t places[POLLS];
  nfds_t count = 0;
  for (size_t i = 0; i < POLLS; i++) {
    polls[i].revents = 0;
    if (polls[i].fd < 0)
      continue;
    places[count] = i;
    watched[count++] = polls[i];
  }
  if (poll(watched, count, timeout) < 0) {
    // As if nothing had happened, and not again at once.
    if (errno == EINVAL && !baseline_restore(&init->baseline))
      nanosleep(&(struct timespec){.tv_nsec = LOOK_PAUSE_US * 1000}, NULL);
    return;
  }
  for (nfds_t i = 0; i < count; i++)
    polls[places[i]].revents = watched[i].revents;
}

// One round of the loop.
static void turn(struct init *init, bool *has_more)
{
  static struct pollfd polls[POLLS];
  polls[POLL_SIGNALS] = (struct pollfd){.fd = init->signals, .events = POLLIN};
  polls[POLL_LISTENER] = (struct pollfd){.fd = init->listener, .events = POLLIN};
  watch_outputs(init, polls + POLL_OUTPUTS);
  connections_watch(&init->connections, polls + POLL_CONNECTIONS);
  wait_for_events(init, polls, timeout_ms(init, *has_more));
  // By the numbers that they had when they were watched: before any process is added or gone.
  read_outputs(init, polls + POLL_OUTPUTS);
  connections_step(&init->connections, polls + POLL_CONNECTIONS);
  if (polls[POLL_LISTENER].revents != 0)
    connections_accept(&init->connections, init->listener);
  if (polls[POLL_SIGNALS].revents != 0)
    take_signals(init);
  schedule_step(&init->processes, clock_us());
  *has_more = connections_pump(&init->connections);
  connections_sweep(&init->connections);
}

int init(const char *root, const struct operation *const *operations)
{
  // Too large for a stack, and pages that are never touched cost nothing.
  static struct init state;
  if (getpid() != 1) {
    // As anybody else kill(-1) would reach far beyond a sandbox.
    fputs("agent: init runs as PID 1 only\n", stderr);
    return EXIT_USAGE;
  }
  if (!set_up(&state, root, operations)) {
    fprintf(stderr, "agent: %s\n", strerror(errno));
    return EXIT_BROKEN;
  }
  bool has_more = false;
  while (state.deadline == 0 || (!tree_is_gone(true) && clock_us() < state.deadline))
    turn(&state, &has_more);
  return tree_kill_and_wait(true) ? 0 : EXIT_BROKEN;
}
