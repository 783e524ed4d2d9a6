// The processes that PID 1 of a project keeps: started over the protocol, they belong to no connection.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "processes/process_request.h"
#include "processes/ring.h"

#define MOST_PROCESSES 64
#define OUTPUTS 2
#define FLOOD_BYTES 32768

enum process_state {
  PROCESS_RUNNING,
  // For its next start, after it has failed.
  PROCESS_WAITING,
  // Until nothing is left of its tree.
  PROCESS_STOPPING,
  PROCESS_ENDED
};

struct process {
  struct process_request request;
  enum process_state state;
  // 0 while the program itself does not run.
  pid_t pid;
  // Of the last start, whose session it led.
  pid_t session;
  // Whether the program has been started and has ended, and how.
  bool has_status;
  int status;
  // Of the last start and its end, in milliseconds since 1970.
  uint64_t started_ms;
  uint64_t ended_ms;
  // Of the last byte either way.
  int64_t active_us;
  uint32_t restarts;
  // The number of its last change.
  uint64_t changed;
  int input;
  int outputs[OUTPUTS];
  // How many are attached; since when nobody is, if nobody is; whether anybody has been; whether that was its end.
  size_t attached;
  int64_t unattached_us;
  bool has_been_attached;
  bool was_abandoned;
  // How many want all that it prints, and are behind: when these are all of them, it has to wait.
  size_t followers;
  size_t behind;
  // When it is stopped it is started anew.
  bool is_restarting;
  // When it is to be started, or to be killed; and when to check whether that is done.
  int64_t due;
  int64_t next_check;
  int64_t started_us;
  int64_t ended_us;
  int64_t backoff_us;
  // What it has printed without a pause, and when it counts as one.
  size_t flood_bytes;
  int64_t flood_ends;
  struct ring ring;
};

struct processes {
  // Beneath which they are started (O_PATH).
  int root;
  // Nothing is started again.
  bool is_ending;
  // How many starts and ends there have been: each has the next number.
  uint64_t changes;
  size_t count;
  struct process *list[MOST_PROCESSES];
  // Until nobody is attached to them any more.
  size_t forgotten_count;
  struct process *forgotten[MOST_PROCESSES];
};

struct process *processes_find(const struct processes *processes, const char *id);

// Starts one, and takes its request over. Returns 0 or an errno: EEXIST, EAGAIN when there are too many, and of what
// went wrong, in which case there is none; `is_cwd` tells that it was its directory.
int process_start(struct processes *processes, struct process_request *request, struct process **process, bool *is_cwd);

// Whether it prints so much that it is worth waiting for more, to send it in large pieces.
static inline bool process_is_flooding(const struct process *process)
{
  return process->flood_bytes >= FLOOD_BYTES;
}

// It has started or ended.
static inline void process_changed(struct processes *processes, struct process *process)
{
  process->changed = ++processes->changes;
}

// A byte has gone either way.
void process_active(struct process *process);

// Whether a job of the shell that it is has its terminal.
bool process_is_busy(const struct process *process);

// The program has ended.
void processes_reaped(struct processes *processes, pid_t pid, int status);

// Has its whole tree end: SIGTERM, and after the grace SIGKILL until nothing is left.
void process_stop(struct processes *processes, struct process *process, uint32_t grace_ms);

// The same, and starts it anew.
void process_restart(struct processes *processes, struct process *process, uint32_t grace_ms);

// Somebody is attached, or no more.
void process_attached(struct process *process);
void process_detached(struct process *process);

// Of one that has ended: it is no more in the list. It is there until it is freed.
void process_forget(struct processes *processes, struct process *process);
void process_free(struct process *process);
