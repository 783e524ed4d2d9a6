#include "processes/kept_entry.h"

#include <string.h>
#include <sys/wait.h>

#include "core/clock.h"
#include "core/wire.h"

#define KIND_KEPT 1

uint8_t *entry_put_bytes(uint8_t *at, const void *bytes, size_t length)
{
  at = wire_put16(at, (uint16_t)length);
  memcpy(at, bytes, length);
  return at + length;
}

uint8_t *entry_put_id(uint8_t *at, const char *id)
{
  size_t length = strlen(id);
  at = wire_put8(at, (uint8_t)length);
  memcpy(at, id, length);
  return at + length;
}

// How it has ended: 0 and an exit code, or a signal's number and 0; both 255 while it has not.
static uint8_t *put_status(uint8_t *at, const struct process *process)
{
  if (!process->has_status)
    return wire_put16(at, 0xffff);
  bool is_signal = WIFSIGNALED(process->status);
  at = wire_put8(at, (uint8_t)(is_signal ? WTERMSIG(process->status) : 0));
  return wire_put8(at, (uint8_t)(is_signal ? 0 : WEXITSTATUS(process->status)));
}

uint8_t *entry_put_kept(uint8_t *at, const struct process *process)
{
  at = wire_put8(at, KIND_KEPT);
  at = entry_put_id(at, process->request.id);
  at = entry_put_bytes(at, process->request.label, process->request.label_length);
  at = wire_put8(at, (uint8_t)process->state);
  at = wire_put32(at, (uint32_t)process->pid);
  at = put_status(at, process);
  at = wire_put64(at, process->started_ms);
  at = wire_put64(at, process->ended_ms);
  at = wire_put32(at, process->restarts);
  at = wire_put8(at, (uint8_t)(process->request.has_tty | process_is_busy(process) << 1));
  at = wire_put32(at, process->request.size);
  at = wire_put8(at, (uint8_t)process->request.restart);
  at = wire_put64(at, process->ring.first);
  at = wire_put64(at, process->ring.end);
  at = wire_put32(at, (uint32_t)process->attached);
  return wire_put64(at, (uint64_t)(clock_us() - process->active_us) / 1000);
}
