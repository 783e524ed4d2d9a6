// How PROCESSES and FOLLOW tell of a process.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "processes/process.h"

// Each returns where the next goes.
uint8_t *entry_put_id(uint8_t *at, const char *id);
uint8_t *entry_put_bytes(uint8_t *at, const void *bytes, size_t length);
uint8_t *entry_put_kept(uint8_t *at, const struct process *process);
