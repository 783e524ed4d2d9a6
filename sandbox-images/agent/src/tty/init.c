#include "tty/init.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "run/tree.h"

#define GRACE_US 8000000
// Those started from outside are not our children, so no signal comes at their end.
#define POLL_INTERVAL_NS 50000000

// A signal from within the namespace has a sender there. A guest that forges that away ends its own sandbox.
static bool is_from_outside(const siginfo_t *info)
{
  return info->si_code == SI_USER && info->si_pid == 0;
}

static void reap(void)
{
  struct tally tally = {0};
  struct death death;
  while (tree_reap(&tally, &death)) {
  }
}

static int wait_for_request(const sigset_t *signals)
{
  for (;;) {
    siginfo_t info;
    int signal = sigwaitinfo(signals, &info);
    reap();
    if ((signal == SIGTERM || signal == SIGINT) && is_from_outside(&info))
      return signal;
  }
}

int init(void)
{
  if (getpid() != 1) {
    // As anybody else kill(-1) would reach far beyond a sandbox.
    fputs("agent: init runs as PID 1 only\n", stderr);
    return 64;
  }
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGCHLD);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  kill(-1, wait_for_request(&signals));
  int64_t deadline = clock_us() + GRACE_US;
  for (reap(); !tree_is_gone(true) && clock_us() < deadline; reap()) {
    struct timespec pause = {.tv_nsec = POLL_INTERVAL_NS};
    sigtimedwait(&signals, NULL, &pause);
  }
  return tree_kill_and_wait(true) ? 0 : 70;
}
