// FOLLOW: starts and ends of processes, as they happen.

#include "core/agent.h"
#include "core/request.h"
#include "processes/kept_entry.h"
#include "processes/operations.h"
#include "processes/process.h"

enum { TAG_AFTER = 1 };

struct follow {
  // Of the last change that it has been told.
  uint64_t told;
};

static void find_older(struct process *const *list, size_t count, uint64_t told, const struct process **oldest)
{
  for (size_t i = 0; i < count; i++) {
    if (list[i]->changed > told && (*oldest == NULL || list[i]->changed < (*oldest)->changed))
      *oldest = list[i];
  }
}

static void tell(struct agent *agent, const struct channel *channel, const struct process *process)
{
  uint8_t *event = output_begin(&agent->output, FRAME_EVENT, channel->number, 0);
  event[0] = EVENT_CHANGED;
  uint8_t *field = field_put64(event + 1, 1, process->changed);
  const uint8_t *end = field_close(field, 2, entry_put_kept(field + FIELD_HEADER_BYTES, process));
  output_commit(&agent->output, (size_t)(end - event));
}

// All that there is room for: those that are forgotten are gone after this turn.
static bool pump(struct agent *agent, struct channel *channel)
{
  struct follow *follow = channel->state;
  const struct processes *processes = agent->processes;
  while (output_has_room(&agent->output)) {
    const struct process *oldest = NULL;
    find_older(processes->list, processes->count, follow->told, &oldest);
    find_older(processes->forgotten, processes->forgotten_count, follow->told, &oldest);
    if (oldest == NULL)
      return false;
    tell(agent, channel, oldest);
    follow->told = oldest->changed;
  }
  return true;
}

static bool read_request(void *state, struct fields *fields)
{
  struct follow *follow = state;
  const struct parameter parameters[] = {{TAG_AFTER, VALUE_U64, &follow->told}};
  return request_read(fields, parameters, COUNT(parameters));
}

static int begin(struct agent *agent, struct channel *channel)
{
  (void)agent;
  (void)channel;
  return 0;
}

const struct operation follow_operation = {
  .name = "FOLLOW",
  .state_bytes = sizeof(struct follow),
  .read = read_request,
  .begin = begin,
  .pump = pump,
};
