// CONTROL: what can be done to a process that PID 1 keeps. KILL: what can be done to any other.

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/agent.h"
#include "core/request.h"
#include "processes/members.h"
#include "processes/operations.h"
#include "processes/process.h"

enum { TAG_ID = 1, TAG_SIGNAL, TAG_SIZE, TAG_STOP, TAG_FORGET, TAG_RESTART };
enum { TAG_PID = 1, TAG_START, TAG_KILL_SIGNAL };

struct control {
  char id[PATH_MAX];
  uint32_t signal;
  uint32_t size;
  uint32_t grace_ms;
  bool is_forgotten;
  bool is_restarted;
  uint32_t seen;
};

struct victim {
  uint32_t pid;
  uint64_t start_ticks;
  uint32_t signal;
};

static bool asks_for(const struct control *control, unsigned int tag)
{
  return control->seen & UINT32_C(1) << tag;
}

static bool read_control(void *state, struct fields *fields)
{
  struct control *control = state;
  const struct parameter parameters[] = {{TAG_ID, VALUE_PATH | REQUIRED, control->id},
                                         {TAG_SIGNAL, VALUE_U32, &control->signal},
                                         {TAG_SIZE, VALUE_U32, &control->size},
                                         {TAG_STOP, VALUE_U32, &control->grace_ms},
                                         {TAG_FORGET, VALUE_FLAG, &control->is_forgotten},
                                         {TAG_RESTART, VALUE_FLAG, &control->is_restarted}};
  bool is_valid = request_read(fields, parameters, COUNT(parameters));
  control->seen = fields->seen;
  return is_valid && control->signal < NSIG;
}

static int resize(struct process *process, uint32_t size)
{
  struct winsize window = {.ws_col = (unsigned short)(size >> 16), .ws_row = (unsigned short)size};
  if (!process->request.has_tty)
    return ENXIO;
  process->request.size = size;
  return ioctl(process->outputs[0], TIOCSWINSZ, &window) < 0 ? errno : 0;
}

static int apply(struct agent *agent, const struct control *control, struct process *process)
{
  bool needs_program = asks_for(control, TAG_SIGNAL) || asks_for(control, TAG_SIZE);
  if (needs_program && process->pid == 0)
    return ESTALE;
  int error = asks_for(control, TAG_SIZE) ? resize(process, control->size) : 0;
  if (error == 0 && asks_for(control, TAG_SIGNAL) && kill(-process->pid, (int)control->signal) < 0)
    error = errno;
  if (error == 0 && control->is_restarted)
    process_restart(agent->processes, process, control->grace_ms);
  else if (error == 0 && asks_for(control, TAG_STOP))
    process_stop(agent->processes, process, control->grace_ms);
  if (error != 0 || !control->is_forgotten)
    return error;
  if (process->state != PROCESS_ENDED)
    return ESTALE;
  process_forget(agent->processes, process);
  return 0;
}

static int begin_control(struct agent *agent, struct channel *channel)
{
  const struct control *control = channel->state;
  struct process *process = processes_find(agent->processes, control->id);
  int error = process == NULL ? ENOENT : apply(agent, control, process);
  if (error == 0)
    channel_result(agent, channel, NULL, NULL);
  return error;
}

const struct operation control_operation = {
  .name = "CONTROL",
  .state_bytes = sizeof(struct control),
  .is_immediate = true,
  .read = read_control,
  .begin = begin_control,
};

static bool read_kill(void *state, struct fields *fields)
{
  struct victim *victim = state;
  const struct parameter parameters[] = {{TAG_PID, VALUE_U32 | REQUIRED, &victim->pid},
                                         {TAG_START, VALUE_U64 | REQUIRED, &victim->start_ticks},
                                         {TAG_KILL_SIGNAL, VALUE_U32 | REQUIRED, &victim->signal}};
  return request_read(fields, parameters, COUNT(parameters)) && victim->signal > 0 && victim->signal < NSIG;
}

// Those that came after it, and whose parent is one of them: numbers rise but for a wrap, and whoever was missed is found
// in the next list.
static size_t kill_tree(const struct member *members, size_t count, const struct victim *victim)
{
  static pid_t killed[MOST_MEMBERS];
  size_t kills = 0;
  for (size_t i = 0; i < count; i++) {
    bool is_root = (uint32_t)members[i].pid == victim->pid && members[i].stat.start_ticks == victim->start_ticks;
    bool is_child = false;
    for (size_t k = 0; k < kills && !is_child; k++)
      is_child = killed[k] == members[i].stat.parent;
    if (!is_root && !is_child)
      continue;
    killed[kills++] = members[i].pid;
    kill(members[i].pid, (int)victim->signal);
    if (victim->signal == SIGTERM)
      kill(members[i].pid, SIGCONT);
  }
  return kills;
}

static int begin_kill(struct agent *agent, struct channel *channel)
{
  const struct member *members;
  size_t count = members_find(agent->processes, &members);
  if (kill_tree(members, count, channel->state) == 0)
    return ENOENT;
  channel_result(agent, channel, NULL, NULL);
  return 0;
}

const struct operation kill_operation = {
  .name = "KILL",
  .state_bytes = sizeof(struct victim),
  .is_immediate = true,
  .read = read_kill,
  .begin = begin_kill,
};
