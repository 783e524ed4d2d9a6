#include "run/stopped.h"

#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "run/proc.h"

#ifdef __x86_64__

// What the kernel leaves in place of a result when it is to restart the call: -512 to -516.
#define FIRST_RESTART 512
#define LAST_RESTART 516

static bool sleeps(pid_t pid, pid_t thread)
{
  char file[32];
  char text[256];
  snprintf(file, sizeof file, "task/%d/stat", thread);
  if (proc_read(pid, file, text, sizeof text) < 0)
    return false;
  const char *rest = strrchr(text, ')');
  return rest != NULL && strncmp(rest, ") S", 3) == 0;
}

static bool read_call(pid_t thread, struct blocked_call *call)
{
  siginfo_t state;
  struct user_regs_struct registers;
  // WNOWAIT: how it ended, if it did, is for the one who reaps it.
  if (ptrace(PTRACE_INTERRUPT, thread, 0, 0) < 0 ||
      waitid(P_PID, (id_t)thread, &state, WSTOPPED | WEXITED | WNOWAIT | __WALL) < 0 ||
      ptrace(PTRACE_GETREGS, thread, 0, &registers) < 0)
    return false;
  long result = (long)registers.rax;
  *call = (struct blocked_call){
    (long)registers.orig_rax,
    {registers.rdi, registers.rsi, registers.rdx, registers.r10, registers.r8, registers.r9},
  };
  return result <= -FIRST_RESTART && result >= -LAST_RESTART;
}

bool stopped_call(pid_t pid, pid_t thread, struct blocked_call *call)
{
  if (!sleeps(pid, thread) || ptrace(PTRACE_SEIZE, thread, 0, 0) < 0)
    return false;
  bool is_blocked = read_call(thread, call);
  ptrace(PTRACE_DETACH, thread, 0, 0);
  return is_blocked;
}

#else

bool stopped_call(pid_t pid, pid_t thread, struct blocked_call *call)
{
  (void)pid, (void)thread, (void)call;
  return false;
}

#endif
