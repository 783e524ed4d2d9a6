#include "watch/watch_nodes.h"

#include <stdlib.h>
#include <string.h>

#include "watch/hash.h"

static struct node **number_bucket(struct node_table *table, int number)
{
  return &table->by_number[(unsigned int)number % NODE_BUCKETS];
}

static struct node **name_bucket(struct node_table *table, const struct node *parent, const char *name)
{
  return &table->by_name[hash_name(parent, name) % NODE_BUCKETS];
}

struct node *node_find(const struct node_table *table, int number)
{
  struct node *node = table->by_number[(unsigned int)number % NODE_BUCKETS];
  while (node != NULL && node->number != number)
    node = node->next_by_number;
  return node;
}

struct node *node_child(const struct node_table *table, const struct node *parent, const char *name)
{
  struct node *node = table->by_name[hash_name(parent, name) % NODE_BUCKETS];
  while (node != NULL && (node->parent != parent || strcmp(node->name, name) != 0))
    node = node->next_by_name;
  return node;
}

static void attach(struct node_table *table, struct node *node, struct node *parent)
{
  struct node **bucket = name_bucket(table, parent, node->name);
  node->parent = parent;
  node->next_by_name = *bucket;
  *bucket = node;
  node->previous = NULL;
  node->next = NULL;
  if (parent == NULL)
    return;
  node_retain(parent);
  node->next = parent->children;
  if (node->next != NULL)
    node->next->previous = node;
  parent->children = node;
}

// Its parent stays known, and retained.
static void detach(struct node_table *table, struct node *node)
{
  struct node **link = name_bucket(table, node->parent, node->name);
  while (*link != node)
    link = &(*link)->next_by_name;
  *link = node->next_by_name;
  if (node->previous != NULL)
    node->previous->next = node->next;
  else if (node->parent != NULL)
    node->parent->children = node->next;
  if (node->next != NULL)
    node->next->previous = node->previous;
}

struct node *node_add(struct node_table *table, int number, struct node *parent, const char *name)
{
  struct node *node = calloc(1, sizeof *node);
  char *copy = strdup(name);
  if (node == NULL || copy == NULL) {
    free(node);
    free(copy);
    return NULL;
  }
  *node = (struct node){.number = number, .name = copy, .is_alive = true, .references = 1};
  struct node **bucket = number_bucket(table, number);
  node->next_by_number = *bucket;
  *bucket = node;
  attach(table, node, parent);
  return node;
}

static bool is_within(const struct node *node, const struct node *above)
{
  while (node != NULL && node != above)
    node = node->parent;
  return node != NULL;
}

bool node_move(struct node_table *table, struct node *node, struct node *parent, const char *name)
{
  char *copy = is_within(parent, node) ? NULL : strdup(name);
  if (copy == NULL)
    return false;
  struct node *before = node->parent;
  detach(table, node);
  free(node->name);
  node->name = copy;
  attach(table, node, parent);
  node_release(before);
  return true;
}

void node_retain(struct node *node)
{
  node->references++;
}

void node_release(struct node *node)
{
  // Upwards by a loop, not by recursion: a guest decides how deep it goes.
  while (node != NULL && --node->references == 0) {
    struct node *parent = node->parent;
    free(node->name);
    free(node);
    node = parent;
  }
}

static void drop_one(struct node_table *table, struct node *node, void (*forgotten)(void *context, int number),
                     void *context)
{
  struct node **link = number_bucket(table, node->number);
  while (*link != node)
    link = &(*link)->next_by_number;
  *link = node->next_by_number;
  detach(table, node);
  node->is_alive = false;
  if (forgotten != NULL)
    forgotten(context, node->number);
  node_release(node);
}

void node_drop(struct node_table *table, struct node *node, void (*forgotten)(void *context, int number),
               void *context)
{
  struct node *at = node;
  for (;;) {
    while (at->children != NULL)
      at = at->children;
    if (at == node)
      break;
    struct node *parent = at->parent;
    drop_one(table, at, forgotten, context);
    at = parent;
  }
  drop_one(table, node, forgotten, context);
}

// Puts a name before what is there already; the start, or NULL when there is no room.
static char *prepend(char *path, char *start, const char *name)
{
  size_t length = strlen(name);
  if ((size_t)(start - path) < length + 1)
    return NULL;
  if (*start != 0)
    *--start = '/';
  return memcpy(start - length, name, length);
}

bool node_path(const struct node *node, const char *name, char path[PATH_MAX])
{
  char *start = path + PATH_MAX - 1;
  *start = 0;
  if (*name != 0)
    start = prepend(path, start, name);
  for (; start != NULL && node->parent != NULL; node = node->parent)
    start = prepend(path, start, node->name);
  if (start == NULL)
    return false;
  memmove(path, start, strlen(start) + 1);
  return true;
}
