#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "core/protocol.h"
#include "core/system.h"
#include "operations.h"
#include "processes/init.h"
#include "processes/listener.h"
#include "serve.h"

#define EXIT_USAGE 64

// What would be inherited by programs is put right once, here, and costs no run anything.
static void normalise(void)
{
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, NULL);
  default_signals();
  struct rlimit no_core = {0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  umask(022);
}

static bool read_options(int count, char *arguments[], struct options *options)
{
  for (int i = 0; i < count; i += 2) {
    if (i + 1 == count)
      return false;
    if (strcmp(arguments[i], "--root") == 0)
      options->root = arguments[i + 1];
    else if (strcmp(arguments[i], "--cgroup") == 0)
      options->cgroup = arguments[i + 1];
    else if (strcmp(arguments[i], "--scratch") == 0 && options->scratch_count < MAX_SCRATCH)
      options->scratch[options->scratch_count++] = arguments[i + 1];
    else
      return false;
  }
  return true;
}

int main(int count, char *arguments[])
{
  // Before anything else: programs run under the same user id and must find nothing to read or to trace.
  prctl(PR_SET_DUMPABLE, 0);
  const char *command = count > 1 ? arguments[1] : "";
  struct options options = {.root = "/workspace", .cgroup = "/sys/fs/cgroup"};
  if (strcmp(command, "version") == 0 && count == 2) {
    printf("%d %s\n", PROTOCOL_VERSION, BUILD);
    return 0;
  }
  normalise();
  if (strcmp(command, "init") == 0 && read_options(count - 2, arguments + 2, &options))
    return init(options.root, init_operations);
  if (strcmp(command, "connect") == 0 && count == 2)
    return connect_to_init();
  if (strcmp(command, "serve") == 0 && read_options(count - 2, arguments + 2, &options))
    return serve(&options);
  fputs("usage: agent serve [--root DIR] [--scratch DIR]... [--cgroup DIR] | agent init [--root DIR] | agent connect |\n"
        "       agent version\n",
        stderr);
  return EXIT_USAGE;
}
