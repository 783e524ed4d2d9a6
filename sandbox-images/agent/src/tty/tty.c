#include "tty/tty.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "run/descendants.h"
#include "run/tree.h"

enum { EXIT_USAGE = 64, EXIT_BROKEN = 70, EXIT_NOT_STARTED = 126, EXIT_NO_SHELL = 127, EXIT_BY_SIGNAL = 128 };

// Sent once the terminal is up: output that begins otherwise is the reason why there is none.
#define STARTED '\x06'

struct request {
  struct winsize size;
  // Paths, ended by NULL.
  char **shells;
};

// --id and --server are what terminals are found by from outside, and stand first for that.
static bool read_request(int count, char *arguments[], struct request *request)
{
  if (count < 6 || strcmp(arguments[0], "--id") != 0 || strcmp(arguments[2], "--server") != 0)
    return false;
  int at = 4;
  if (strcmp(arguments[at], "--size") == 0) {
    char end;
    if (sscanf(arguments[at + 1], "%hux%hu%c", &request->size.ws_col, &request->size.ws_row, &end) != 2)
      return false;
    at += 2;
  }
  if (at + 1 >= count || strcmp(arguments[at], "--") != 0)
    return false;
  request->shells = arguments + at + 1;
  return true;
}

static bool has_shell(char *const shells[])
{
  for (; *shells != NULL; shells++) {
    if (access(*shells, X_OK) == 0)
      return true;
  }
  return false;
}

static void execute_first(char *const shells[])
{
  for (; *shells != NULL; shells++) {
    const char *slash = strrchr(*shells, '/');
    char name[64];
    // A login shell is one whose name begins so.
    snprintf(name, sizeof name, "-%s", slash != NULL ? slash + 1 : *shells);
    setenv("SHELL", *shells, 1);
    execl(*shells, name, (char *)NULL);
    if (errno != ENOENT)
      printf("agent: %s: %s\r\n", *shells, strerror(errno));
  }
}

static pid_t start_shell(char *const shells[])
{
  pid_t pid = fork();
  if (pid != 0)
    return pid;
  // A group of its own in the foreground: Ctrl-C must not reach the wrapper. SIGTTOU is still blocked.
  setpgid(0, 0);
  tcsetpgrp(STDIN_FILENO, getpid());
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  execute_first(shells);
  fflush(stdout);
  _exit(EXIT_NOT_STARTED);
}

// Returns the exit status to pass on. The Engine hangs the TTY up when it goes away.
static int wait_for_end(pid_t shell)
{
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGCHLD);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGHUP);
  struct tally tally = {0};
  struct death death;
  for (;;) {
    int signal = sigwaitinfo(&signals, NULL);
    while (tree_reap(&tally, &death)) {
      if (death.pid == shell)
        return WIFSIGNALED(death.status) ? EXIT_BY_SIGNAL + WTERMSIG(death.status) : WEXITSTATUS(death.status);
    }
    if (signal == SIGTERM || signal == SIGHUP)
      return EXIT_BY_SIGNAL + SIGHUP;
  }
}

static bool hang_up(pid_t pid, void *context)
{
  (void)context;
  kill(pid, SIGHUP);
  // A stopped job would only get it when it goes on.
  kill(pid, SIGCONT);
  return true;
}

static bool end_tree(void)
{
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  struct tally tally = {0};
  struct death death;
  int64_t deadline = clock_us() + TTY_GRACE_US;
  descendants_visit(0, hang_up, NULL);
  for (;;) {
    while (tree_reap(&tally, &death)) {
    }
    int64_t left = deadline - clock_us();
    if (tree_is_gone(false) || left <= 0)
      return tree_kill_and_wait(false);
    struct timespec pause = {.tv_nsec = left * 1000};
    sigtimedwait(&child, NULL, &pause);
  }
}

int tty(int count, char *arguments[])
{
  struct request request = {0};
  if (!read_request(count, arguments, &request)) {
    fputs("usage: agent tty --id ID --server ID [--size COLSxROWS] -- SHELL...\n", stderr);
    return EXIT_USAGE;
  }
  // Ending a tree begins with being its root, and a shell without a terminal of its own would have no job control.
  // (Not tcgetsid, which gVisor does not have: the foreground group is known of one's own terminal only.)
  if (getsid(0) != getpid() || tcgetpgrp(STDIN_FILENO) < 0) {
    fputs("agent: tty leads the session of a terminal only\n", stderr);
    return EXIT_USAGE;
  }
  if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
    return EXIT_BROKEN;
  if (request.size.ws_col > 0)
    ioctl(STDIN_FILENO, TIOCSWINSZ, &request.size);
  if (!has_shell(request.shells)) {
    fputs("no shell: the image has none of those that were tried\n", stderr);
    return EXIT_NO_SHELL;
  }
  putchar(STARTED);
  fflush(stdout);
  pid_t shell = start_shell(request.shells);
  if (shell < 0) {
    printf("agent: %s\r\n", strerror(errno));
    return EXIT_NOT_STARTED;
  }
  int status = wait_for_end(shell);
  return end_tree() ? status : EXIT_BROKEN;
}
