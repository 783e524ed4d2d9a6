#pragma once

#include <stdint.h>

#include "run/cgroup.h"

struct agent;
struct run;

// CPU time of the run's whole tree, up to the moment at which the counters were read.
uint64_t run_cpu_us(const struct run *run, const struct cgroup_counters *counters);

// Sends RESULT of a run of which nothing is left, and closes its channel.
void run_report(struct agent *agent);
