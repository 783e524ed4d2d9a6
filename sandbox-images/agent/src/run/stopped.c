#include "run/stopped.h"

#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

#ifdef __x86_64__

// What the kernel leaves in place of a result when it is to restart the call: -512 to -516.
#define FIRST_RESTART 512
#define LAST_RESTART 516

static bool sleeps(pid_t pid, pid_t thread)
{
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/task/%d/stat", pid, thread);
  FILE *file = fopen(path, "re");
  if (file == NULL)
    return false;
  char text[256] = "";
  size_t length = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[length] = 0;
  const char *rest = strrchr(text, ')');
  return rest != NULL && strncmp(rest, ") S", 3) == 0;
}

static bool read_call(pid_t thread, struct blocked_call *call)
{
  siginfo_t state;
  struct user_regs_struct registers;
  // WNOWAIT: how it ended, if it did, is for whoever reaps it to see.
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
