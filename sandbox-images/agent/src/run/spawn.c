#include "run/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/system.h"
#include "run/queues.h"

#define DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin"

enum { CHILD_CWD = 3, CHILD_REPORT = 4, CHILD_FIRST_UNUSED = 5, ABOVE_CHILD_FDS = 10 };

// The program's ends, and the pipe that closes when exec succeeds or carries the errno if it did not.
struct child_ends {
  int input;
  int output;
  int error;
  int cwd;
  int report;
};

static const char *search_path(char *const envp[])
{
  for (; *envp != NULL; envp++) {
    if (strncmp(*envp, "PATH=", 5) == 0)
      return *envp + 5;
  }
  return DEFAULT_PATH;
}

// Like execvpe, but looks in the program's own PATH, and does not fall back to a shell for what is no program.
static int execute(const struct program *program)
{
  const char *name = program->argv[0];
  if (strchr(name, '/') != NULL || *name == 0) {
    execve(name, program->argv, program->envp);
    return errno;
  }
  int failure = ENOENT;
  for (const char *at = search_path(program->envp); at != NULL;) {
    const char *colon = strchr(at, ':');
    size_t length = colon != NULL ? (size_t)(colon - at) : strlen(at);
    char path[PATH_MAX];
    int needed = snprintf(path, sizeof path, "%.*s%s%s", (int)(length < PATH_MAX ? length : PATH_MAX), at,
                          length > 0 ? "/" : "", name);
    at = colon != NULL ? colon + 1 : NULL;
    if (needed < 0 || (size_t)needed >= sizeof path)
      continue;
    execve(path, program->argv, program->envp);
    if (errno != ENOENT && errno != ENOTDIR)
      failure = errno;
  }
  return failure;
}

// First out of the way, then to their numbers: the ends may have each other's numbers.
static int place_descriptors(struct child_ends *ends)
{
  const int from[] = {ends->input, ends->output, ends->error, ends->cwd, ends->report};
  int moved[sizeof from / sizeof *from];
  for (size_t i = 0; i < sizeof from / sizeof *from; i++) {
    moved[i] = fcntl(from[i], F_DUPFD_CLOEXEC, ABOVE_CHILD_FDS);
    if (moved[i] < 0)
      return errno;
  }
  for (int i = 0; i <= STDERR_FILENO; i++) {
    if (dup2(moved[i], i) < 0)
      return errno;
  }
  if (dup3(moved[CHILD_CWD], CHILD_CWD, O_CLOEXEC) < 0 || dup3(moved[CHILD_REPORT], CHILD_REPORT, O_CLOEXEC) < 0)
    return errno;
  ends->report = CHILD_REPORT;
  return close_from(CHILD_FIRST_UNUSED);
}

// When memory runs out the kernel shall take a program, never the agent. The file belongs to root while the process
// is not dumpable; nothing of the agent's is left to protect here but a copy of its memory, which exec replaces.
static int offer_to_oom_killer(bool is_first)
{
  const char *score = is_first ? "1000" : "600";
  if (prctl(PR_SET_DUMPABLE, 1) < 0)
    return errno;
  int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd < 0)
    return errno;
  int failure = write(fd, score, strlen(score)) > 0 ? 0 : errno;
  close(fd);
  return failure;
}

// The kernel lays out a program's memory by this limit when it starts, so it must be set before.
static int limit_stack(uint64_t bytes)
{
  struct rlimit limit;
  if (bytes == 0)
    return 0;
  if (getrlimit(RLIMIT_STACK, &limit) < 0)
    return errno;
  limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
  return setrlimit(RLIMIT_STACK, &limit) < 0 ? errno : 0;
}

static int become(const struct program *program, struct child_ends *ends)
{
  int failure = place_descriptors(ends);
  if (failure != 0)
    return failure;
  if (setsid() < 0 || (program->is_on_tty && ioctl(STDIN_FILENO, TIOCSCTTY, 0) < 0))
    return errno;
  failure = offer_to_oom_killer(program->is_first_to_go);
  if (failure == 0 && access(QUEUES_DIRECTORY, F_OK) < 0)
    failure = queues_forbid();
  if (failure != 0)
    return failure;
  failure = limit_stack(program->stack_bytes);
  if (failure != 0)
    return failure;
  if (fchdir(CHILD_CWD) < 0)
    return errno;
  close(CHILD_CWD);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  return execute(program);
}

static void close_ends(const int ends[], size_t count)
{
  for (size_t i = 0; i < count; i++) {
    if (ends[i] >= 0)
      close(ends[i]);
  }
}

static int start(const struct program *program, struct child_ends *ends, pid_t *pid, int report)
{
  // Not vfork: dumpable belongs to the memory, and the child must change its own only.
  *pid = fork();
  if (*pid < 0)
    return errno;
  if (*pid == 0) {
    int failure = become(program, ends);
    (void)!write(ends->report, &failure, sizeof failure);
    _exit(127);
  }
  close(ends->report);
  int failure = 0;
  ssize_t got;
  do
    got = read(report, &failure, sizeof failure);
  while (got < 0 && errno == EINTR);
  if (got != sizeof failure)
    return 0;
  waitpid(*pid, NULL, 0);
  return failure;
}

int spawn(const struct program *program, pid_t *pid, struct pipes *pipes)
{
  // stdin, stdout, stderr and report: reading end, writing end.
  int ends[8] = {-1, -1, -1, -1, -1, -1, -1, -1};
  for (int i = 0; i < 4; i++) {
    if (pipe2(ends + 2 * i, O_CLOEXEC) < 0) {
      int failure = errno;
      close_ends(ends, 8);
      return failure;
    }
  }
  struct child_ends child = {ends[0], ends[3], ends[5], program->cwd, ends[7]};
  *pipes = (struct pipes){ends[1], ends[2], ends[4]};
  int failure = start(program, &child, pid, ends[6]);
  int unused[] = {ends[0], ends[3], ends[5], ends[6]};
  close_ends(unused, 4);
  if (*pid < 0)
    close(ends[7]);
  int own[] = {pipes->input, pipes->output, pipes->error};
  for (size_t i = 0; failure == 0 && i < 3; i++) {
    if (fcntl(own[i], F_SETFL, O_NONBLOCK) < 0)
      failure = errno;
  }
  if (failure != 0)
    close_ends(own, 3);
  return failure;
}

// By ioctl rather than by name: what lies at /dev/pts a guest may not change, but need not be asked either. gVisor has names only.
static int open_slave(int tty)
{
  int slave = ioctl(tty, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  unsigned int number;
  char path[32];
  if (slave >= 0 || errno != ENOTTY || ioctl(tty, TIOCGPTN, &number) < 0)
    return slave;
  snprintf(path, sizeof path, "/dev/pts/%u", number);
  return open(path, O_RDWR | O_NOCTTY | O_CLOEXEC | O_NOFOLLOW);
}

static int open_tty(const struct winsize *size, int *tty, int *slave)
{
  int unlocked = 0;
  *tty = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
  if (*tty < 0)
    return errno;
  *slave = ioctl(*tty, TIOCSPTLCK, &unlocked) < 0 ? -1 : open_slave(*tty);
  if (*slave >= 0 && ioctl(*tty, TIOCSWINSZ, size) == 0)
    return 0;
  int failure = errno;
  close_ends((int[]){*tty, *slave}, 2);
  return failure;
}

int spawn_on_tty(struct program program, const struct winsize *size, pid_t *pid, int *tty)
{
  int slave = -1;
  int report[2];
  int failure = open_tty(size, tty, &slave);
  if (failure != 0)
    return failure;
  if (pipe2(report, O_CLOEXEC) < 0) {
    failure = errno;
    close_ends((int[]){*tty, slave}, 2);
    return failure;
  }
  struct child_ends child = {slave, slave, slave, program.cwd, report[1]};
  program.is_on_tty = true;
  failure = start(&program, &child, pid, report[0]);
  close_ends((int[]){slave, report[0], *pid < 0 ? report[1] : -1, failure != 0 ? *tty : -1}, 4);
  return failure;
}
