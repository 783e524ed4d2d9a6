#include "core/system.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

// The agent itself never has more open, whatever the limit says.
#define MOST_DESCRIPTORS 4096

int open_how(int directory, const char *path, const struct open_how *how)
{
  return (int)syscall(SYS_openat2, directory, path, how, sizeof *how);
}

int rename_how(int from, const char *name, int to, const char *new_name, unsigned int flags)
{
  return (int)syscall(SYS_renameat2, from, name, to, new_name, flags);
}

int close_from(unsigned int first)
{
  // No descriptor has a larger number, and gVisor takes none.
  if (syscall(SYS_close_range, first, (unsigned int)INT_MAX, 0) == 0)
    return 0;
  // Old kernels do not know the call, old seccomp profiles refuse it.
  if (errno != ENOSYS && errno != EPERM)
    return errno;
  for (unsigned int fd = first; fd < MOST_DESCRIPTORS; fd++)
    close((int)fd);
  return 0;
}

// As the kernel has it: a C library keeps the first real-time signals, which a parent may have ignored too, to itself.
struct kernel_sigaction {
  void (*handler)(int);
  unsigned long flags;
  void (*restorer)(void);
  uint64_t mask;
};

void default_signals(void)
{
  const struct kernel_sigaction action = {.handler = SIG_DFL};
  for (int number = 1; number <= 64; number++)
    syscall(SYS_rt_sigaction, number, &action, NULL, sizeof action.mask);
}
