#include "tty/terminals.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "run/proc.h"
#include "run/tree.h"
#include "tty/tty.h"

#define ID_BYTES 64
#define COMMAND_BYTES 512
// Far beyond any environment; what does not fit has not got the variable near its start, where a terminal's has it.
#define ENVIRONMENT_BYTES 131072
#define MARK "BERTH_TERMINAL="
#define POLL_INTERVAL_NS 5000000
#define WRAPPER_DEADLINE_US (TTY_GRACE_US + TREE_DEADLINE_US + 500000)

struct terminal {
  char id[ID_BYTES];
  char server[ID_BYTES];
};

struct search {
  char **ids;
  int count;
  int signal;
  size_t found;
};

static bool copy_id(char *id, const char *text)
{
  size_t length = strspn(text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-");
  if (length == 0 || length >= ID_BYTES || text[length] != 0)
    return false;
  memcpy(id, text, length + 1);
  return true;
}

// "agent", "tty", "--id", id, "--server", server, each ended by a zero.
static bool read_terminal(pid_t pid, struct terminal *terminal)
{
  char command[COMMAND_BYTES];
  ssize_t length = proc_read(pid, "cmdline", command, sizeof command);
  const char *words[6];
  const char *at = command;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (length < 0 || at >= command + length)
      return false;
    words[i] = at;
    at += strlen(at) + 1;
  }
  return strcmp(words[1], "tty") == 0 && strcmp(words[2], "--id") == 0 && strcmp(words[4], "--server") == 0 &&
         copy_id(terminal->id, words[3]) && copy_id(terminal->server, words[5]);
}

// The shell is the wrapper's child and leads its group. A group whose leader has gone still has members, or the shell
// would have taken the terminal back.
static bool is_busy(pid_t wrapper)
{
  struct proc_stat stat;
  if (!proc_stat(wrapper, &stat))
    return false;
  return !proc_stat(stat.foreground, &stat) || stat.parent != wrapper;
}

static bool print_terminal(pid_t pid, void *context)
{
  (void)context;
  struct terminal terminal;
  if (read_terminal(pid, &terminal))
    printf("%s %s %s\n", terminal.id, terminal.server, is_busy(pid) ? "busy" : "idle");
  return true;
}

int terminals_list(void)
{
  proc_visit(print_terminal, NULL);
  return 0;
}

static bool is_wanted(const struct search *search, const char *id)
{
  for (int i = 0; i < search->count; i++) {
    if (strcmp(search->ids[i], id) == 0)
      return true;
  }
  return false;
}

static void send_signal(struct search *search, pid_t pid)
{
  search->found++;
  kill(pid, search->signal);
  // A guest may have stopped it. Whoever is not stopped is about to end, and may be attached to by a tracer (the leak
  // check of a build with sanitizers is one), which waits for ever for a stop that was undone.
  struct proc_stat stat;
  if (proc_stat(pid, &stat) && stat.state == 'T')
    kill(pid, SIGCONT);
}

static bool signal_wrapper(pid_t pid, void *context)
{
  struct search *search = context;
  struct terminal terminal;
  if (read_terminal(pid, &terminal) && is_wanted(search, terminal.id))
    send_signal(search, pid);
  return true;
}

static bool signal_marked(pid_t pid, void *context)
{
  static char environment[ENVIRONMENT_BYTES];
  struct search *search = context;
  ssize_t length = proc_read(pid, "environ", environment, sizeof environment);
  for (const char *at = environment; pid != getpid() && length > 0 && at < environment + length; at += strlen(at) + 1) {
    if (strncmp(at, MARK, strlen(MARK)) == 0 && is_wanted(search, at + strlen(MARK))) {
      send_signal(search, pid);
      break;
    }
  }
  return true;
}

// Signals what the visit finds, until it finds nothing.
static bool end(bool (*visit)(pid_t pid, void *search), struct search search, int signal, int64_t limit_us)
{
  int64_t deadline = clock_us() + limit_us;
  search.signal = signal;
  for (;;) {
    search.found = 0;
    proc_visit(visit, &search);
    if (search.found == 0 || clock_us() > deadline)
      return search.found == 0;
    nanosleep(&(struct timespec){.tv_nsec = POLL_INTERVAL_NS}, NULL);
  }
}

int terminals_end(int count, char *ids[])
{
  struct search search = {.ids = ids, .count = count};
  bool is_gone = end(signal_wrapper, search, SIGTERM, WRAPPER_DEADLINE_US) ||
                 end(signal_wrapper, search, SIGKILL, TREE_DEADLINE_US);
  return end(signal_marked, search, SIGKILL, TREE_DEADLINE_US) && is_gone ? 0 : 70;
}
