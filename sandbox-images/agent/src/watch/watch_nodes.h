// The directories that are watched, as a tree: events name a directory by number, and its path is put together
// when it is needed, so that a moved directory takes everything beneath it along.
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define NODE_BUCKETS 4096

struct node {
  int number;
  struct node *parent;
  struct node *children;
  struct node *previous;
  struct node *next;
  struct node *next_by_number;
  struct node *next_by_name;
  struct node *next_to_scan;
  // Distinguishes it from another directory that has its path meanwhile.
  ino_t inode;
  bool is_queued;
  // Whether what a scan finds in it is news.
  bool is_news;
  // How often it was not where it should be, lately: it has moved, and the event of that is to come.
  uint8_t misses;
  // Watched; else only kept for the sake of those who still refer to it.
  bool is_alive;
  uint32_t references;
  char *name;
};

struct node_table {
  struct node *by_number[NODE_BUCKETS];
  struct node *by_name[NODE_BUCKETS];
};

// NULL when memory is short. The parent is NULL for the first.
struct node *node_add(struct node_table *table, int number, struct node *parent, const char *name);

struct node *node_find(const struct node_table *table, int number);
struct node *node_child(const struct node_table *table, const struct node *parent, const char *name);

// False, and nothing has changed, when memory is short or the directory would come to lie within itself: of two moves,
// only the event of the second has come.
bool node_move(struct node_table *table, struct node *node, struct node *parent, const char *name);

void node_retain(struct node *node);
void node_release(struct node *node);

// Forgets a directory and all beneath it; `forgotten` gets each number.
void node_drop(struct node_table *table, struct node *node, void (*forgotten)(void *context, int number),
               void *context);

// The path of `name` in a directory, beneath the first one; a name of "" is the directory itself. False when it is
// longer than a path may be.
bool node_path(const struct node *node, const char *name, char path[PATH_MAX]);
