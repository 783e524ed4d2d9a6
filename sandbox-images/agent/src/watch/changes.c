#include "watch/changes.h"

#include <stdlib.h>
#include <string.h>

#include "watch/hash.h"

static struct change **bucket(struct changes *changes, const struct node *node, const char *name)
{
  return &changes->by_name[hash_name(node, name) % CHANGE_BUCKETS];
}

struct change *changes_find(const struct changes *changes, const struct node *node, const char *name)
{
  struct change *change = changes->by_name[hash_name(node, name) % CHANGE_BUCKETS];
  while (change != NULL && (change->node != node || strcmp(change->name, name) != 0))
    change = change->next_by_name;
  return change;
}

static void append(struct changes *changes, struct change *change)
{
  change->previous = changes->last;
  if (changes->last != NULL)
    changes->last->next = change;
  else
    changes->first = change;
  changes->last = change;
  struct change **link = bucket(changes, change->node, change->name);
  change->next_by_name = *link;
  *link = change;
  changes->count++;
  changes->bytes += sizeof *change + strlen(change->name);
}

static bool add(struct changes *changes, struct node *node, const char *name, enum change_kind kind, bool is_directory)
{
  size_t name_bytes = strlen(name) + 1;
  struct change *change = malloc(sizeof *change + name_bytes);
  if (change == NULL)
    return false;
  *change = (struct change){.node = node, .kind = kind, .is_directory = is_directory};
  memcpy(change->name, name, name_bytes);
  node_retain(node);
  append(changes, change);
  return true;
}

bool changes_note(struct changes *changes, struct node *node, const char *name, enum change_kind kind,
                  bool is_directory)
{
  struct change *change = changes_find(changes, node, name);
  if (change == NULL)
    return add(changes, node, name, kind, is_directory);
  change->is_directory = is_directory;
  // Created and modified is created, also the other way round: the watch of a new directory may speak before its scan.
  // Created and deleted is deleted: a reader may have seen it.
  if (kind == CHANGE_DELETED)
    change->kind = CHANGE_DELETED;
  else if (kind == CHANGE_CREATED || change->kind == CHANGE_DELETED)
    change->kind = CHANGE_CREATED;
  return true;
}

void changes_remove(struct changes *changes, struct change *change)
{
  struct change **link = bucket(changes, change->node, change->name);
  while (*link != change)
    link = &(*link)->next_by_name;
  *link = change->next_by_name;
  *(change->previous != NULL ? &change->previous->next : &changes->first) = change->next;
  *(change->next != NULL ? &change->next->previous : &changes->last) = change->previous;
  changes->count--;
  changes->bytes -= sizeof *change + strlen(change->name);
  node_release(change->node);
  free(change);
}

static size_t move_bytes(const struct move_change *move)
{
  return sizeof *move + strlen(move->from) + strlen(move->to);
}

bool changes_note_move(struct changes *changes, const char *from, const char *to, bool is_directory)
{
  struct move_change *move = malloc(sizeof *move);
  if (move == NULL)
    return false;
  *move = (struct move_change){.is_directory = is_directory, .from = strdup(from), .to = strdup(to)};
  if (move->from == NULL || move->to == NULL) {
    free(move->from);
    free(move->to);
    free(move);
    return false;
  }
  *(changes->last_move != NULL ? &changes->last_move->next : &changes->first_move) = move;
  changes->last_move = move;
  changes->count++;
  changes->bytes += move_bytes(move);
  return true;
}

void changes_remove_move(struct changes *changes)
{
  struct move_change *move = changes->first_move;
  changes->first_move = move->next;
  if (move->next == NULL)
    changes->last_move = NULL;
  changes->count--;
  changes->bytes -= move_bytes(move);
  free(move->from);
  free(move->to);
  free(move);
}

void changes_clear(struct changes *changes)
{
  while (changes->first != NULL)
    changes_remove(changes, changes->first);
  while (changes->first_move != NULL)
    changes_remove_move(changes);
}
