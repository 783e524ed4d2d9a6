#include "watch/departures.h"

#include <stdlib.h>
#include <string.h>

// The kernel queues the two halves one right after the other, so that little comes in between, and they are hardly
// ever parted by the end of the queue.
#define MOST_BETWEEN 64
#define MOST_DRAINS_BETWEEN 2

bool departure_note(struct departure **departures, struct node *node, const char *name, uint32_t cookie,
                    bool is_directory, uint64_t drains)
{
  size_t name_bytes = strlen(name) + 1;
  struct departure *departure = malloc(sizeof *departure + name_bytes);
  if (departure == NULL)
    return false;
  *departure = (struct departure){
    .next = *departures, .node = node, .cookie = cookie, .is_directory = is_directory, .drains = drains};
  memcpy(departure->name, name, name_bytes);
  node_retain(node);
  *departures = departure;
  return true;
}

static struct departure *take(struct departure **link)
{
  struct departure *departure = *link;
  *link = departure->next;
  return departure;
}

struct departure *departure_take(struct departure **departures, uint32_t cookie)
{
  struct departure **link = departures;
  while (*link != NULL && (*link)->cookie != cookie)
    link = &(*link)->next;
  return *link == NULL ? NULL : take(link);
}

struct departure *departure_take_lost(struct departure **departures, uint64_t drains)
{
  struct departure **link = departures;
  for (int newer = 0; *link != NULL; newer++) {
    if (newer == MOST_BETWEEN || (*link)->drains + MOST_DRAINS_BETWEEN <= drains)
      return take(link);
    link = &(*link)->next;
  }
  return NULL;
}

void departure_free(struct departure *departure)
{
  node_release(departure->node);
  free(departure);
}

void departures_clear(struct departure **departures)
{
  while (*departures != NULL)
    departure_free(take(departures));
}
