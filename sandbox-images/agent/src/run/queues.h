// POSIX message queues outlive their program, and a reset has to find them.
#pragma once

#include <stdbool.h>

// The directory that lists them; gVisor has none.
#define QUEUES_DIRECTORY "/dev/mqueue"

// From here on this process and its children can make no queue; an error number, or 0.
int queues_forbid(void);
