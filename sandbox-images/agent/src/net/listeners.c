#include "net/listeners.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// Linux lists what listens first. Further lines are connections, as many as a guest likes.
#define MOST_LINES 16384
#define LISTENING 0x0a
#define V4_DIGITS 8
#define V6_DIGITS 32

// The kernel prints an address as words of the machine's own byte order, so that they lie in memory in the network's.
static bool read_address(const char *digits, size_t count, uint8_t address[16])
{
  for (size_t i = 0; i < count / 8; i++) {
    uint32_t word;
    if (sscanf(digits + 8 * i, "%8x", &word) != 1)
      return false;
    memcpy(address + 4 * i, &word, sizeof word);
  }
  return true;
}

static bool is_loopback(const uint8_t address[16], size_t digits)
{
  static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
  if (digits == V4_DIGITS)
    return address[0] == 127;
  if (memcmp(address, mapped, sizeof mapped) == 0)
    return address[12] == 127;
  return memcmp(address, &in6addr_loopback, sizeof in6addr_loopback) == 0;
}

static void add(struct listeners *listeners, const struct listener *found)
{
  for (size_t i = 0; i < listeners->count; i++) {
    if (listeners->list[i].port == found->port) {
      listeners->list[i].is_loopback_only &= found->is_loopback_only;
      return;
    }
  }
  if (listeners->count < MAX_LISTENERS)
    listeners->list[listeners->count++] = *found;
  else
    listeners->has_more = true;
}

// "slot: address:port address:port state queues timer:when retransmits uid timeout inode …", numbers up to `state` in hex.
static bool read_line(const char *line, size_t digits, struct listener *listener)
{
  char text[V6_DIGITS + 1];
  unsigned int port;
  unsigned int state;
  unsigned int uid;
  if (sscanf(line, " %*d: %32[0-9A-F]:%x %*[0-9A-F]:%*x %x %*x:%*x %*x:%*x %*x %u %*d %lu", text, &port, &state, &uid,
             &listener->inode) != 5)
    return false;
  // Not the programs' own: the Engine's name server listens inside of the sandbox, on 127.0.0.11.
  if (state != LISTENING || uid != getuid() || port > UINT16_MAX || strlen(text) != digits)
    return false;
  uint8_t address[16] = {0};
  if (!read_address(text, digits, address))
    return false;
  listener->port = (uint16_t)port;
  listener->is_loopback_only = is_loopback(address, digits);
  return true;
}

static void read_table(struct listeners *listeners, const char *path, size_t digits)
{
  FILE *table = fopen(path, "re");
  if (table == NULL)
    return;
  char line[256];
  for (int i = 0; i < MOST_LINES && fgets(line, sizeof line, table) != NULL; i++) {
    struct listener listener = {0};
    if (read_line(line, digits, &listener))
      add(listeners, &listener);
  }
  fclose(table);
}

void listeners_find(struct listeners *listeners)
{
  *listeners = (struct listeners){0};
  read_table(listeners, "/proc/self/net/tcp", V4_DIGITS);
  read_table(listeners, "/proc/self/net/tcp6", V6_DIGITS);
}
