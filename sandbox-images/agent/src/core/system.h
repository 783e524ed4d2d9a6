// System calls that not every C library wraps.
#pragma once

#include <stdint.h>

struct open_how {
  uint64_t flags;
  uint64_t mode;
  uint64_t resolve;
};

#define RESOLVE_NO_MAGICLINKS 0x02
#define RESOLVE_NO_SYMLINKS 0x04
#define RESOLVE_BENEATH 0x08

int open_how(int directory, const char *path, const struct open_how *how);

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#define RENAME_EXCHANGE 2
#endif

int rename_how(int from, const char *name, int to, const char *new_name, unsigned int flags);

// Closes every descriptor from `first` on; returns 0 or an errno.
int close_from(unsigned int first);

// What an exec inherits as ignored stays ignored: back to the default for every signal there is.
void default_signals(void);
