// ENTRY of PROTOCOL.md: one file, directory or link as the server gets it.
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "core/fields.h"
#include "core/request.h"
#include "paths/resolve.h"

struct agent;
struct channel;

// Two paths (its own and, for a link, the target), each shorter than PATH_MAX, and what has a fixed size.
#define ENTRY_BYTES (2 * (2 + PATH_MAX - 1) + 1 + 4 + 3 * 8)

struct version entry_version(const struct stat *file);

// Writes what `name` in `parent` is, a link itself and not what it leads to; `path` is what it is called. At most
// ENTRY_BYTES; returns the end, or NULL and errno when it is not there.
uint8_t *entry_put(uint8_t *to, const char *path, int parent, const char *name);

// The same of a file that is open, or of a directory; of no link.
uint8_t *entry_put_stat(uint8_t *to, const char *path, const struct stat *file);

// For d and the old side of v of a watch: the path and type of what is gone.
uint8_t *entry_put_gone(uint8_t *to, const char *path, uint8_t type);

// The type that an encoded entry has.
uint8_t entry_type_of(const uint8_t *entry);

// Field 1 of a message, of at most ENTRY_FIELD_BYTES, for a file that is open.
#define ENTRY_FIELD_BYTES (FIELD_HEADER_BYTES + ENTRY_BYTES)
uint8_t *entry_field(uint8_t *to, const char *path, const struct stat *file);

// RESULT with the entry at that place, or ERROR when there is none.
void entry_result(struct agent *agent, struct channel *channel, const char *path, const struct place *place);

// The same and whether it has just been made.
void entry_result_created(struct agent *agent, struct channel *channel, const char *path, const struct place *place,
                          bool is_created);

// A name that only the agent itself uses (".berth-..."): listed nowhere.
bool entry_is_hidden(const char *name);
