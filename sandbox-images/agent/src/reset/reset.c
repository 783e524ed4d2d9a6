#include "reset/reset.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/agent.h"
#include "reset/ipc.h"
#include "run/tree.h"

// What is blocked stays pending, and what a guest has queued would count against its user's limit for ever.
static void discard_pending_signals(void)
{
  sigset_t all;
  sigfillset(&all);
  struct timespec now = {0};
  while (sigtimedwait(&all, NULL, &now) > 0) {
  }
}

// Returns the step that failed, or NULL.
static const char *reset(struct agent *agent, uint32_t *removed)
{
  errno = 0;
  if (!tree_kill_and_wait(true))
    return "a process cannot be killed";
  discard_pending_signals();
  if (!baseline_restore(&agent->baseline))
    return "limits or priorities of the agent were changed";
  for (size_t i = 0; i < agent->scratch_count; i++) {
    if (!scratch_restore(&agent->scratch[i], removed))
      return "a scratch directory";
  }
  return ipc_clear(removed) ? NULL : "interprocess objects";
}

static bool has_open_channel(const struct agent *agent)
{
  for (size_t i = 0; i < MAX_CHANNELS; i++) {
    if (agent->channels[i].operation != NULL)
      return true;
  }
  return false;
}

void reset_open(struct agent *agent, uint16_t number, struct fields *fields)
{
  if (fields->left > 0) {
    output_error(&agent->output, number, ERROR_BAD_REQUEST, "a reset has no fields");
    return;
  }
  if (has_open_channel(agent)) {
    output_error(&agent->output, number, ERROR_BUSY, "channels are open");
    return;
  }
  if (!agent->is_init) {
    // Others share the namespaces: nothing could be removed or verified without touching what is theirs.
    output_error(&agent->output, number, ERROR_RESET, "only as PID 1");
    return;
  }
  uint32_t removed = 0;
  const char *failed = reset(agent, &removed);
  if (failed != NULL) {
    char message[256];
    snprintf(message, sizeof message, "%s: %s", failed, errno == 0 ? "cannot be undone" : strerror(errno));
    output_error(&agent->output, number, ERROR_RESET, message);
    agent_fail(agent, ERROR_RESET, "the sandbox must be thrown away");
    return;
  }
  uint8_t payload[16];
  uint8_t *end = field_put32(payload, 1, removed);
  output_frame(&agent->output, FRAME_RESULT, number, 0, payload, (size_t)(end - payload));
}
