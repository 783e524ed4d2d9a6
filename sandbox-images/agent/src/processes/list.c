// PROCESSES: those that PID 1 keeps, then all that run.

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/agent.h"
#include "core/wire.h"
#include "processes/kept_entry.h"
#include "processes/members.h"
#include "processes/operations.h"
#include "processes/process.h"

// Of all that run: the rest is left out.
#define MOST_LISTED 512
#define COMMAND_BYTES 256
#define NAME_BYTES 15
#define KIND_RUNNING 2

struct running {
  pid_t pid;
  pid_t parent;
  uint64_t start_ticks;
  uint64_t cpu_ms;
  uint64_t resident_bytes;
  char owner[PROCESS_ID_BYTES];
};

struct list {
  size_t kept_sent;
  size_t running_sent;
  size_t count;
  bool has_more;
  struct running running[MOST_LISTED];
};

static uint8_t *put_running(uint8_t *at, const struct running *running)
{
  char command[COMMAND_BYTES + 1];
  char name[NAME_BYTES + 2] = "";
  ssize_t length = proc_read(running->pid, "cmdline", command, sizeof command);
  ssize_t name_length = proc_read(running->pid, "comm", name, sizeof name);
  if (name_length > 0 && name[name_length - 1] == '\n')
    name[name_length - 1] = 0;
  at = wire_put8(at, KIND_RUNNING);
  at = wire_put32(at, (uint32_t)running->pid);
  at = wire_put32(at, (uint32_t)running->parent);
  at = wire_put64(at, running->start_ticks);
  at = wire_put64(at, running->cpu_ms);
  at = wire_put64(at, running->resident_bytes);
  at = entry_put_id(at, running->owner);
  at = entry_put_id(at, name);
  return entry_put_bytes(at, command, length > 0 ? (size_t)length : 0);
}

// The agent's own are nobody's business: nobody else's memory is closed to their own user.
static bool is_agent(pid_t pid)
{
  char path[64];
  char name[NAME_BYTES + 2];
  snprintf(path, sizeof path, "/proc/%d/environ", (int)pid);
  return access(path, R_OK) < 0 && proc_read(pid, "comm", name, sizeof name) > 0 &&
         (strcmp(name, "agent\n") == 0 || strcmp(name, "berth-output\n") == 0);
}

static void note(struct list *list, const struct member *member, uint64_t ms_per_tick, uint64_t page)
{
  const struct proc_stat *stat = &member->stat;
  struct running *running = &list->running[list->count++];
  *running = (struct running){member->pid, stat->parent, stat->start_ticks,
                              (stat->user_ticks + stat->system_ticks) * ms_per_tick,
                              stat->resident_pages > 0 ? (uint64_t)stat->resident_pages * page : 0, ""};
  if (member->owner != NULL)
    memcpy(running->owner, member->owner->request.id, sizeof running->owner);
}

static int begin(struct agent *agent, struct channel *channel)
{
  struct list *list = channel->state;
  const struct member *members;
  size_t count = members_find(agent->processes, &members);
  uint64_t ms_per_tick = 1000 / (uint64_t)sysconf(_SC_CLK_TCK);
  for (size_t i = 0; i < count; i++) {
    if (is_agent(members[i].pid))
      continue;
    list->has_more |= list->count == MOST_LISTED;
    if (list->count < MOST_LISTED)
      note(list, &members[i], ms_per_tick, (uint64_t)sysconf(_SC_PAGESIZE));
  }
  return 0;
}

#define LONGEST_ENTRY (MOST_LABEL_BYTES + PROCESS_ID_BYTES + COMMAND_BYTES + 256)

static bool is_complete(const struct agent *agent, const struct list *list)
{
  return list->kept_sent >= agent->processes->count && list->running_sent == list->count;
}

static uint8_t *put_next(const struct agent *agent, struct list *list, uint8_t *at)
{
  if (list->kept_sent < agent->processes->count)
    return entry_put_kept(at, agent->processes->list[list->kept_sent++]);
  return put_running(at, &list->running[list->running_sent++]);
}

// Entries, which frames never split.
static bool pump(struct agent *agent, struct channel *channel)
{
  struct list *list = channel->state;
  uint8_t result[16];
  if (is_complete(agent, list)) {
    channel_end_stream(agent, channel);
    channel_result(agent, channel, result, field_put8(result, 1, list->has_more));
    return false;
  }
  size_t room = channel_data_room(agent, channel);
  if (room < LONGEST_ENTRY)
    return false;
  uint8_t *payload = channel_begin_data(agent, channel);
  uint8_t *at = payload;
  while (!is_complete(agent, list) && (size_t)(at - payload) + LONGEST_ENTRY <= room)
    at = put_next(agent, list, at);
  channel_commit_data(agent, channel, (size_t)(at - payload));
  return true;
}

const struct operation processes_operation = {
  .name = "PROCESSES",
  .state_bytes = sizeof(struct list),
  .outgoing = 1u << 0,
  .begin = begin,
  .pump = pump,
};
