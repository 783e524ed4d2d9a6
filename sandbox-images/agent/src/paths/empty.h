// Emptying a directory that a hostile program has filled, once that program is dead.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// Both return false with errno. Neither moves the descriptor's own position.
bool directory_empty(int fd, uint32_t *removed);
bool directory_is_empty(int fd);
