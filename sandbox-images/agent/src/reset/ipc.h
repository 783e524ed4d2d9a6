// System V objects and POSIX message queues: they outlive the process that made them.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// Removes and verifies; false with errno when anything is left or cannot be seen.
bool ipc_clear(uint32_t *removed);
