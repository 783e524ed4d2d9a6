// When and how a WATCH works and reports.

#include <sys/timerfd.h>

#include "core/agent.h"
#include "core/clock.h"
#include "watch/watching.h"

// What belongs together (a file is made, written, given its time) comes within a few of these.
#define COLLECT_US 500
// Between two reports while changes keep coming.
#define PAUSE_US 5000

static void collect(struct watching *watching, int64_t us)
{
  const struct itimerspec timer = {.it_value = {us / 1000000, us % 1000000 * 1000}};
  timerfd_settime(watching->timer, 0, &timer, NULL);
  watching->phase = WATCH_COLLECTING;
}

struct pollfd watching_watch(const struct agent *agent, const struct channel *channel)
{
  (void)agent;
  const struct watching *watching = channel->state;
  switch (watching->phase) {
  case WATCH_IDLE:
    return (struct pollfd){.fd = watching->inotify, .events = POLLIN};
  case WATCH_COLLECTING:
    return (struct pollfd){.fd = watching->timer, .events = POLLIN};
  case WATCH_BUSY:
    break;
  }
  return (struct pollfd){.fd = -1};
}

void watching_ready(struct agent *agent, struct channel *channel)
{
  (void)agent;
  struct watching *watching = channel->state;
  int64_t rest = watching->reported_us + PAUSE_US - clock_us();
  if (watching->phase == WATCH_IDLE)
    collect(watching, rest > COLLECT_US ? rest : COLLECT_US);
  else
    watching->phase = WATCH_BUSY;
}

static bool is_full(const struct watching *watching)
{
  return watching->changes.count >= MOST_CHANGES || watching->changes.bytes >= MOST_CHANGE_BYTES;
}

// First what has happened to the directories that are known, then what is in those that are new. Each has a slice of its
// own: who makes changes without end would otherwise keep new directories from being watched.
static enum progress work(struct watching *watching)
{
  bool has_events = true;
  struct slice slice = slice_begin();
  while (has_events && !is_full(watching) && !slice_is_over(&slice) && !watching->is_over)
    has_events = watching_handle_event(watching);
  bool has_scans = true;
  slice = slice_begin();
  while (has_scans && !is_full(watching) && !slice_is_over(&slice) && watching->error == 0)
    has_scans = watching_scan(watching);
  if (watching->error != 0)
    return PROGRESS_FAILED;
  return has_events || has_scans ? PROGRESS_MORE : PROGRESS_DONE;
}

// Whether all there is to report could be reported.
static bool report(struct agent *agent, struct channel *channel)
{
  struct watching *watching = channel->state;
  bool is_complete;
  size_t used;
  do {
    size_t room = channel_data_room(agent, channel);
    uint8_t *payload = channel_begin_data(agent, channel);
    used = watching_report(watching, payload, room, &is_complete);
    channel_commit_data(agent, channel, used);
  } while (!is_complete && used > 0);
  watching->reported_us = clock_us();
  return is_complete;
}

static void send_overflow(struct agent *agent, const struct channel *channel)
{
  struct watching *watching = channel->state;
  uint8_t event[16] = {EVENT_OVERFLOW};
  const uint8_t *end = field_put8(event + 1, 1, (uint8_t)watching->overflow);
  output_frame(&agent->output, FRAME_EVENT, channel->number, 0, event, (size_t)(end - event));
  watching->overflow = OVERFLOW_NONE;
}

static bool has_no_credit(const struct channel *channel)
{
  return channel->send_credit[0] < CHANGE_BYTES;
}

// The server reads nothing: it gets an overflow once, and once more when it reads again, if it has missed something since.
static void suspend_if_unread(struct agent *agent, struct channel *channel)
{
  struct watching *watching = channel->state;
  if (watching->is_suspended || !is_full(watching) || !has_no_credit(channel))
    return;
  watching_overflow(watching, OVERFLOW_UNREAD);
  send_overflow(agent, channel);
  watching->is_suspended = true;
}

static void send_due_events(struct agent *agent, struct channel *channel)
{
  struct watching *watching = channel->state;
  bool is_scanned = watching->scan_first == NULL;
  if (watching->is_starting_over && is_scanned) {
    watching->is_starting_over = false;
    watching->overflow = OVERFLOW_KERNEL_QUEUE;
  }
  if (watching->overflow != OVERFLOW_NONE && !watching->is_suspended && (watching->is_complete || is_scanned))
    send_overflow(agent, channel);
  if (!watching->is_complete && is_scanned) {
    watching->is_complete = true;
    channel_event(agent, channel, EVENT_WATCHING);
  }
}

static void pause_work(struct watching *watching)
{
  bool is_waiting = watching->departures != NULL || watching->changes.first != NULL || watching->scan_first != NULL;
  if (is_waiting && !watching->is_behind)
    collect(watching, PAUSE_US);
  else
    watching->phase = WATCH_IDLE;
}

// False when there is no room for it yet. Otherwise the channel is gone, and what it knew with it.
static bool finish(struct agent *agent, struct channel *channel)
{
  struct watching *watching = channel->state;
  if (channel_data_room(agent, channel) < CHANGE_BYTES)
    return false;
  channel_commit_data(agent, channel, watching_report_end(watching, channel_begin_data(agent, channel)));
  channel_end_stream(agent, channel);
  channel_result(agent, channel, NULL, NULL);
  return true;
}

// What had neither room nor credit before.
static void catch_up(struct agent *agent, struct channel *channel)
{
  struct watching *watching = channel->state;
  if (!watching->is_behind)
    return;
  watching->is_over = !watching_enter(watching, agent->root);
  watching->is_behind = !report(agent, channel);
  watching_leave(watching);
  if (watching->is_over)
    watching->phase = WATCH_BUSY;
}

static void resume_if_read(struct agent *agent, struct channel *channel)
{
  struct watching *watching = channel->state;
  if (!watching->is_suspended || channel->send_credit[0] < INITIAL_CREDIT / 4)
    return;
  watching->is_suspended = false;
  if (watching->overflow != OVERFLOW_NONE)
    send_overflow(agent, channel);
}

// A slice of work, and a report of what has come of it.
static enum progress take_turn(struct agent *agent, struct channel *channel)
{
  struct watching *watching = channel->state;
  if (!watching->is_over && !watching_enter(watching, agent->root))
    watching->is_over = true;
  enum progress progress = watching->is_over ? PROGRESS_DONE : work(watching);
  watching->is_behind = !report(agent, channel);
  suspend_if_unread(agent, channel);
  if (!watching->is_over && progress != PROGRESS_FAILED) {
    send_due_events(agent, channel);
    // Not while directories are still scanned, or they would be scanned from the beginning again and again.
    if (watching->is_stale && watching->scan_first == NULL)
      progress = watching_start_over(watching) ? PROGRESS_MORE : PROGRESS_FAILED;
    else if (progress == PROGRESS_DONE)
      pause_work(watching);
  }
  watching_leave(watching);
  return progress;
}

bool watching_pump(struct agent *agent, struct channel *channel)
{
  struct watching *watching = channel->state;
  resume_if_read(agent, channel);
  if (watching->phase != WATCH_BUSY) {
    catch_up(agent, channel);
    return false;
  }
  enum progress progress = take_turn(agent, channel);
  if (progress == PROGRESS_FAILED) {
    watching_fail(agent, channel);
    return false;
  }
  if (watching->is_over && !watching->is_behind && finish(agent, channel))
    return false;
  // Where there is no room, its coming is an event.
  return progress == PROGRESS_MORE && !(watching->is_behind && is_full(watching));
}
