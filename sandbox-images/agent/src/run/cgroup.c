#include "run/cgroup.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int open_counter(int mount, const char *path)
{
  return openat(mount, path, O_RDONLY | O_CLOEXEC);
}

void cgroup_open(struct cgroup *cgroup, const char *mount_path)
{
  *cgroup = (struct cgroup){-1, -1, -1, 1};
  int mount = open(mount_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (mount < 0)
    return;
  cgroup->oom = open_counter(mount, "memory.events");
  if (cgroup->oom < 0)
    cgroup->oom = open_counter(mount, "memory/memory.oom_control");
  cgroup->cpu = open_counter(mount, "cpu.stat");
  if (cgroup->cpu < 0) {
    cgroup->cpu_per_us = 1000;
    cgroup->cpu = open_counter(mount, "cpuacct/cpuacct.usage");
  }
  if (cgroup->cpu < 0)
    cgroup->cpu = open_counter(mount, "cpu,cpuacct/cpuacct.usage");
  cgroup->memory = open_counter(mount, "memory.current");
  if (cgroup->memory < 0)
    cgroup->memory = open_counter(mount, "memory/memory.usage_in_bytes");
  close(mount);
}

// The number behind a name at the start of a line, or, without a name, the first number of the file.
static uint64_t read_counter(int fd, const char *name)
{
  char text[1024];
  ssize_t length = fd < 0 ? -1 : pread(fd, text, sizeof text - 1, 0);
  if (length <= 0)
    return 0;
  text[length] = 0;
  size_t name_length = strlen(name);
  for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
    line += *line == '\n';
    if (strncmp(line, name, name_length) == 0)
      return strtoull(line + name_length, NULL, 10);
  }
  return 0;
}

struct cgroup_counters cgroup_read(const struct cgroup *cgroup)
{
  const char *cpu_name = cgroup->cpu_per_us == 1 ? "usage_usec " : "";
  return (struct cgroup_counters){
    .oom_kills = read_counter(cgroup->oom, "oom_kill "),
    .cpu_us = read_counter(cgroup->cpu, cpu_name) / cgroup->cpu_per_us,
  };
}

uint64_t cgroup_memory(const struct cgroup *cgroup)
{
  return read_counter(cgroup->memory, "");
}
