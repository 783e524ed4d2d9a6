// What has happened since the last report. Several changes of one file are one; a directory that is moved takes the
// changes beneath it along, because they are kept by directory and name and get their paths when they are reported.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "watch/watch_nodes.h"

#define CHANGE_BUCKETS 1024

enum change_kind { CHANGE_CREATED = 'c', CHANGE_MODIFIED = 'm', CHANGE_DELETED = 'd' };

struct change {
  struct change *next_by_name;
  struct change *previous;
  struct change *next;
  struct node *node;
  enum change_kind kind;
  bool is_directory;
  // How often, and when last, its directory was not where it should be: it has moved, and the event of that is to come.
  uint8_t misses;
  uint64_t missed_at;
  char name[];
};

// A move is reported before all else, as what is known of paths afterwards builds on it.
struct move_change {
  struct move_change *next;
  bool is_directory;
  char *from;
  // Empty: it is nowhere that the server knows.
  char *to;
};

struct changes {
  size_t count;
  size_t bytes;
  struct change *first;
  struct change *last;
  struct change *by_name[CHANGE_BUCKETS];
  struct move_change *first_move;
  struct move_change *last_move;
};

// False when memory is short.
bool changes_note(struct changes *changes, struct node *node, const char *name, enum change_kind kind,
                  bool is_directory);

struct change *changes_find(const struct changes *changes, const struct node *node, const char *name);
void changes_remove(struct changes *changes, struct change *change);

bool changes_note_move(struct changes *changes, const char *from, const char *to, bool is_directory);
void changes_remove_move(struct changes *changes);

void changes_clear(struct changes *changes);
