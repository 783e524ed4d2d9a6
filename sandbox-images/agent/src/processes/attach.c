// ATTACH: what a process prints, from a position on, and what it is given to read.

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/agent.h"
#include "core/byte_queue.h"
#include "core/request.h"
#include "core/wire.h"
#include "processes/operations.h"
#include "processes/process.h"

enum { TAG_ID = 1, TAG_FROM, TAG_FLAGS };
enum { FLAG_HOLD = 1, FLAG_NO_FOLLOW = 2, FLAG_CLOSE_INPUT = 4, FLAG_NO_OUTPUT = 8, ALL_FLAGS = 15 };
// Who is further behind than this has the process wait, unless another one who wants all is not.
#define MOST_BEHIND 131072
// Less of a flood is worth waiting for: each piece costs a dozen system calls on its way to a client.
#define WORTH_SENDING 32768

struct attach {
  char id[PATH_MAX];
  uint64_t position;
  uint32_t flags;
  struct process *process;
  bool has_said_position;
  uint32_t said_size;
  // Last: its pages stay untouched until they are needed.
  struct byte_queue queue;
};

static void finish(struct agent *agent, struct channel *channel)
{
  const struct attach *attach = channel->state;
  const struct process *process = attach->process;
  uint8_t result[64];
  uint8_t *end = field_put64(result, 1, attach->position);
  if (process->has_status && process->state == PROCESS_ENDED) {
    if (WIFSIGNALED(process->status))
      end = field_put32(end, 3, (uint32_t)WTERMSIG(process->status));
    else
      end = field_put32(end, 2, (uint32_t)WEXITSTATUS(process->status));
  }
  channel_result(agent, channel, result, end);
}

static void push(struct agent *agent, struct channel *channel)
{
  struct attach *attach = channel->state;
  struct process *process = attach->process;
  long written = process->input < 0 ? -1 : byte_queue_write(&attach->queue, process->input);
  if (written < 0) {
    written = (long)attach->queue.length;
    attach->queue.length = 0;
  }
  channel_consumed(agent, channel, (size_t)written);
  if (!channel->end_received || attach->queue.length > 0)
    return;
  if (attach->flags & FLAG_CLOSE_INPUT && process->input >= 0) {
    close(process->input);
    process->input = -1;
  }
  if (attach->flags & FLAG_NO_OUTPUT)
    finish(agent, channel);
}

static void on_data(struct agent *agent, struct channel *channel, const uint8_t *bytes, size_t length)
{
  struct attach *attach = channel->state;
  process_active(attach->process);
  byte_queue_add(&attach->queue, bytes, length);
  push(agent, channel);
}

static void on_end(struct agent *agent, struct channel *channel)
{
  push(agent, channel);
}

static struct pollfd on_watch(const struct agent *agent, const struct channel *channel)
{
  (void)agent;
  const struct attach *attach = channel->state;
  return (struct pollfd){.fd = attach->queue.length > 0 ? attach->process->input : -1, .events = POLLOUT};
}

static void on_ready(struct agent *agent, struct channel *channel)
{
  push(agent, channel);
}

static void say_number(struct agent *agent, const struct channel *channel, enum event_kind kind, uint64_t number)
{
  uint8_t *event = output_begin(&agent->output, FRAME_EVENT, channel->number, 0);
  event[0] = (uint8_t)kind;
  output_commit(&agent->output, (size_t)(field_put64(event + 1, 1, number) - event));
}

static void say_size(struct agent *agent, const struct channel *channel, struct attach *attach)
{
  uint32_t size = attach->process->request.size;
  if (attach->said_size == size)
    return;
  attach->said_size = size;
  say_number(agent, channel, EVENT_SIZE, size);
}

static void say_position(struct agent *agent, const struct channel *channel, struct attach *attach)
{
  if (attach->position < attach->process->ring.first) {
    attach->position = attach->process->ring.first;
    attach->has_said_position = false;
  }
  if (attach->has_said_position)
    return;
  attach->has_said_position = true;
  say_number(agent, channel, EVENT_POSITION, attach->position);
}

static bool is_over(const struct attach *attach)
{
  return attach->flags & FLAG_NO_FOLLOW || attach->process->state == PROCESS_ENDED;
}

static bool is_gathering(const struct attach *attach)
{
  const struct process *process = attach->process;
  return process_is_flooding(process) && !is_over(attach) && process->ring.end - attach->position < WORTH_SENDING;
}

// A frame at a time, and whether there is more.
static bool on_pump(struct agent *agent, struct channel *channel)
{
  struct attach *attach = channel->state;
  const uint8_t *bytes;
  uint8_t stream;
  if (attach->process->state == PROCESS_ENDED && attach->queue.length > 0)
    push(agent, channel);
  if (attach->flags & FLAG_NO_OUTPUT)
    return false;
  say_size(agent, channel, attach);
  say_position(agent, channel, attach);
  if (is_gathering(attach))
    return false;
  size_t length = ring_read(&attach->process->ring, attach->position, &bytes, &stream);
  if (length == 0) {
    if (is_over(attach))
      finish(agent, channel);
    return false;
  }
  uint32_t *credit = &channel->send_credit[stream];
  size_t room = output_data_room(&agent->output);
  if (room > *credit)
    room = *credit;
  if (length > room)
    length = room;
  if (length == 0)
    return false;
  output_frame(&agent->output, FRAME_DATA, channel->number, stream, bytes, length);
  *credit -= (uint32_t)length;
  attach->position += length;
  return true;
}

static bool read_request(void *state, struct fields *fields)
{
  struct attach *attach = state;
  const struct parameter parameters[] = {
    {TAG_ID, VALUE_PATH | REQUIRED, attach->id}, {TAG_FROM, VALUE_U64, &attach->position}, {TAG_FLAGS, VALUE_U32, &attach->flags}};
  return request_read(fields, parameters, COUNT(parameters)) && (attach->flags & ~(uint32_t)ALL_FLAGS) == 0;
}

static int begin(struct agent *agent, struct channel *channel)
{
  struct attach *attach = channel->state;
  attach->process = processes_find(agent->processes, attach->id);
  if (attach->process == NULL) {
    channel_error(agent, channel, ERROR_NOT_FOUND, "there is no process of that id");
    return 0;
  }
  process_attached(attach->process);
  if (attach->position > attach->process->ring.end)
    attach->position = attach->process->ring.end;
  return 0;
}

static void release(struct agent *agent, void *state)
{
  (void)agent;
  struct attach *attach = state;
  if (attach->process != NULL)
    process_detached(attach->process);
}

const struct operation attach_operation = {
  .name = "ATTACH",
  .state_bytes = sizeof(struct attach),
  .outgoing = 1u << 1 | 1u << 2,
  .read = read_request,
  .begin = begin,
  .data = on_data,
  .end = on_end,
  .pump = on_pump,
  .watch = on_watch,
  .ready = on_ready,
  .release = release,
};

void attach_count_followers(const struct agent *agent)
{
  for (size_t i = 0; i < MAX_CHANNELS; i++) {
    const struct attach *attach = agent->channels[i].state;
    if (agent->channels[i].operation != &attach_operation || !(attach->flags & FLAG_HOLD))
      continue;
    attach->process->followers++;
    attach->process->behind += attach->process->ring.end - attach->position > MOST_BEHIND;
  }
}

void attach_end(struct agent *agent, const struct process *process)
{
  for (size_t i = 0; i < MAX_CHANNELS; i++) {
    const struct attach *attach = agent->channels[i].state;
    if (agent->channels[i].operation == &attach_operation && attach->process == process)
      finish(agent, &agent->channels[i]);
  }
}
