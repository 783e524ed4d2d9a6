// The counters of the sandbox's own control group, v1 or v2, whichever is mounted.
#pragma once

#include <stdint.h>

struct cgroup {
  // -1 where the counter does not exist.
  int oom;
  int cpu;
  int memory;
  // What one unit of the CPU counter is worth: 1000 for v1's nanoseconds, 1 for v2's microseconds.
  uint64_t cpu_per_us;
};

struct cgroup_counters {
  uint64_t oom_kills;
  uint64_t cpu_us;
};

// Opened once: a guest that may mount over or replace the files changes nothing any more.
void cgroup_open(struct cgroup *cgroup, const char *mount);

struct cgroup_counters cgroup_read(const struct cgroup *cgroup);

// Bytes in use at this moment; 0 where there is no counter.
uint64_t cgroup_memory(const struct cgroup *cgroup);
