#include "run/leaving.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "core/agent.h"
#include "core/system.h"
#include "run/descendants.h"
#include "run/proc.h"
#include "run/run.h"
#include "run/run_request.h"

// A shell's child that is about to become another program has the shell's name for a moment.
#define LOOKS 6
#define LOOK_PAUSE_NS 4000000

struct list {
  uint8_t *at;
  size_t room;
  // Of the program itself.
  const char *name;
  bool has_namesake;
};

static bool add(pid_t pid, void *context)
{
  struct list *list = context;
  struct proc_stat stat;
  char name[LEFT_NAME_BYTES + 2];
  ssize_t length = proc_read(pid, "comm", name, sizeof name);
  if (length < 0 || !proc_stat(pid, &stat) || stat.has_ended)
    return true;
  if (length > 0 && name[length - 1] == '\n')
    length--;
  for (int shift = 24; shift >= 0; shift -= 8)
    *list->at++ = (uint8_t)((uint32_t)pid >> shift);
  *list->at++ = (uint8_t)length;
  list->has_namesake |= strncmp(list->name, name, (size_t)length) == 0 && strnlen(list->name, LEFT_NAME_BYTES) == (size_t)length;
  memcpy(list->at, name, (size_t)length);
  list->at += length;
  return --list->room > 0;
}

static void read_away(struct pollfd *poll)
{
  static char bytes[65536];
  if (poll->revents != 0 && read(poll->fd, bytes, sizeof bytes) == 0)
    poll->fd = -1;
}

// The child keeps nothing of the agent's but the two pipes, and ends when nobody has their other ends.
static void drain(const int held[2])
{
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  setsid();
  prctl(PR_SET_NAME, "berth-output");
  struct pollfd polls[] = {{.fd = -1, .events = POLLIN}, {.fd = -1, .events = POLLIN}};
  for (int i = 0; i < 2; i++) {
    if (held[i] >= 0)
      polls[i].fd = dup2(held[i], i);
    else
      close(i);
  }
  if (close_from(STDERR_FILENO) != 0)
    _exit(1);
  while ((polls[0].fd >= 0 || polls[1].fd >= 0) && poll(polls, 2, -1) >= 0) {
    read_away(&polls[0]);
    read_away(&polls[1]);
  }
  _exit(0);
}

void run_hold(struct run *run)
{
  for (size_t i = 0; i < 2; i++) {
    if (run->outputs[i].fd >= 0)
      run->held[i] = fcntl(run->outputs[i].fd, F_DUPFD_CLOEXEC, 0);
  }
}

void run_let_go(struct run *run)
{
  for (size_t i = 0; i < 2; i++) {
    if (run->held[i] >= 0)
      close(run->held[i]);
    run->held[i] = -1;
  }
}

uint8_t *run_leave(struct agent *agent, uint8_t *to)
{
  const struct run *run = agent->run;
  const char *path = run->request->command.argv[0];
  const char *slash = strrchr(path, '/');
  struct list list;
  for (int look = 0; look < LOOKS; look++) {
    struct timespec pause = {.tv_nsec = LOOK_PAUSE_NS};
    if (look > 0)
      nanosleep(&pause, NULL);
    list = (struct list){to, LEFT_PROCESSES, slash != NULL ? slash + 1 : path, false};
    descendants_visit(0, add, &list);
    if (!list.has_namesake)
      break;
  }
  if (list.at == to)
    return to;
  agent->has_left = true;
  if (fork() == 0)
    drain(run->held);
  return list.at;
}
