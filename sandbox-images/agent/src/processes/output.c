#include "processes/output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "processes/launch.h"

#define MOST_READ 65536
// A terminal gives 4 KiB at a time. Who gives so much goes on.
#define MOST_READS 16
#define FLOOD_READ 2048
// When nothing comes for so long a flood is over.
#define FLOOD_PAUSE_US 2000
#define LAST_READS 16

// How much there was.
static size_t read_once(struct process *process, size_t output, size_t most)
{
  size_t room;
  uint8_t *to = ring_room(&process->ring, &room);
  ssize_t got = read(process->outputs[output], to, room < most ? room : most);
  if (got > 0)
    ring_add(&process->ring, (uint8_t)(1 + output), (size_t)got);
  else if (got == 0 || (errno != EAGAIN && errno != EINTR))
    launch_close(&process->outputs[output]);
  return got > 0 ? (size_t)got : 0;
}

static size_t read_some(struct process *process, size_t output, int most_reads)
{
  size_t total = 0;
  size_t got = FLOOD_READ;
  for (int reads = 0; reads < most_reads && got >= FLOOD_READ && total < MOST_READ && process->outputs[output] >= 0; reads++)
    total += got = read_once(process, output, MOST_READ - total);
  return total;
}

void output_read(struct process *process, size_t output)
{
  int64_t now = clock_us();
  size_t total = read_some(process, output, MOST_READS);
  if (total < FLOOD_READ || process->flood_ends <= now)
    process->flood_bytes = 0;
  process->flood_bytes += total;
  process->flood_ends = now + FLOOD_PAUSE_US;
  if (total > 0)
    process_active(process);
}

void output_read_last(struct process *process)
{
  for (size_t i = 0; i < OUTPUTS; i++) {
    for (int reads = 0; reads < LAST_READS && process->outputs[i] >= 0 && read_once(process, i, MOST_READ) > 0; reads++) {
    }
  }
}

void output_say(struct process *process, const char *what)
{
  char text[256];
  size_t room;
  uint8_t *to = ring_room(&process->ring, &room);
  size_t length = (size_t)snprintf(text, sizeof text, "agent: %.200s\n", what);
  if (room < length)
    length = room;
  memcpy(to, text, length);
  ring_add(&process->ring, 2, length);
}
