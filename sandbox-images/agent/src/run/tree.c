#include "run/tree.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "run/descendants.h"

static uint64_t microseconds(struct timeval time)
{
  return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_usec;
}

bool tree_reap(struct tally *tally, struct death *death)
{
  struct rusage usage;
  pid_t pid = wait4(-1, &death->status, WNOHANG, &usage);
  if (pid <= 0)
    return false;
  death->pid = pid;
  tally->cpu_us += microseconds(usage.ru_utime) + microseconds(usage.ru_stime);
  uint64_t peak = (uint64_t)usage.ru_maxrss * 1024;
  if (peak > tally->peak_memory_bytes)
    tally->peak_memory_bytes = peak;
  return true;
}

void tree_kill(bool is_init)
{
  // The kernel walks all processes of the namespace under the lock that fork takes, and a fork under way fails when
  // its parent has a signal pending: as PID 1 one call gets a fork bomb as well. Anywhere else it would kill
  // everything that this user may kill.
  if (is_init)
    kill(-1, SIGKILL);
  else
    descendants_kill();
}

bool tree_is_gone(bool is_init)
{
  // What was started from outside (an exec) is in the namespace without being a child.
  if (is_init)
    return kill(-1, 0) < 0 && errno == ESRCH;
  siginfo_t info;
  return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 && errno == ECHILD;
}

bool tree_kill_and_wait(bool is_init)
{
  struct tally tally = {0};
  struct death death;
  int64_t deadline = clock_us() + TREE_DEADLINE_US;
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  for (;;) {
    while (tree_reap(&tally, &death)) {
    }
    if (tree_is_gone(is_init))
      return true;
    if (clock_us() > deadline)
      return false;
    tree_kill(is_init);
    // Ends early when a child does; the pause is for those that are not ours to wait for.
    struct timespec pause = {.tv_nsec = 5000000};
    sigtimedwait(&child, NULL, &pause);
  }
}
