#include "reset/reset.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/agent.h"
#include "reset/ipc.h"
#include "reset/pristine.h"
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
static const char *reset(const struct pristine *pristine, uint32_t *removed)
{
  errno = 0;
  if (!tree_kill_and_wait(true))
    return "a process cannot be killed";
  discard_pending_signals();
  if (!baseline_restore(&pristine->baseline))
    return "limits or priorities of the agent were changed";
  for (size_t i = 0; i < pristine->scratch_count; i++) {
    if (!scratch_restore(&pristine->scratch[i], removed))
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

static int begin(struct agent *agent, struct channel *channel)
{
  uint32_t removed = 0;
  if (has_open_channel(agent)) {
    channel_error(agent, channel, ERROR_BUSY, "channels are open");
    return 0;
  }
  if (!agent->is_init) {
    // Others share the namespaces: nothing could be removed or verified without touching what is theirs.
    channel_error(agent, channel, ERROR_RESET, "only as PID 1");
    return 0;
  }
  const char *failed = reset(agent->pristine, &removed);
  if (failed != NULL) {
    char message[256];
    snprintf(message, sizeof message, "%s: %s", failed, errno == 0 ? "cannot be undone" : strerror(errno));
    channel_error(agent, channel, ERROR_RESET, message);
    agent_fail(agent, ERROR_RESET, "the sandbox must be thrown away");
    return 0;
  }
  uint8_t payload[16];
  channel_result(agent, channel, payload, field_put32(payload, 1, removed));
  return 0;
}

const struct operation reset_operation = {.name = "RESET", .is_immediate = true, .begin = begin};
