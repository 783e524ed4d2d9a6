// What a WATCH knows, shared by the files that make it up.
#pragma once

#include <dirent.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "core/names.h"
#include "core/slice.h"
#include "files/entry.h"
#include "watch/changes.h"
#include "watch/departures.h"
#include "watch/watch_nodes.h"

// Beyond either, a server that does not read gets an overflow instead.
#define MOST_CHANGES 10000
#define MOST_CHANGE_BYTES (1u << 20)
// A directory that is not where it should be has moved, and the event of that comes soon, or it is gone.
#define MOST_MISSES 3
#define EVENT_BUFFER_BYTES 16384

enum overflow_reason { OVERFLOW_NONE, OVERFLOW_UNREAD, OVERFLOW_KERNEL_QUEUE, OVERFLOW_UNWATCHED };

enum watch_phase {
  // Nothing has happened.
  WATCH_IDLE,
  // Something has, and more of the same is waited for, so that it becomes one report.
  WATCH_COLLECTING,
  // Events are read, directories scanned and changes reported.
  WATCH_BUSY
};

struct watching {
  // As the server named it, for what is reported.
  char path[PATH_MAX];
  // What the kernel watches: that, or the directory that it is in.
  char directory[PATH_MAX];
  // Of a watched file; "" otherwise.
  char only[NAME_MAX + 1];
  bool is_recursive;
  struct names excluded;
  // The watched directory: found anew for each slice, since one that is kept open is never gone; -1 in between.
  int base;
  dev_t device;
  ino_t inode;
  int inotify;
  int timer;
  enum watch_phase phase;
  int64_t reported_us;
  uint64_t drains;
  // All that there was at the beginning is watched, and the server knows.
  bool is_complete;
  bool is_over;
  // What is watched may not be all there is: everything is to be watched anew, and then is.
  bool is_stale;
  bool is_starting_over;
  // Not all that there was to report had room, or credit.
  bool is_behind;
  // The server did not read; nothing is kept for it until it does.
  bool is_suspended;
  enum overflow_reason overflow;
  int error;
  // The directory that was needed last, and its descriptor.
  struct node *opened;
  int opened_fd;
  struct node_table nodes;
  struct node *first;
  struct node *scan_first;
  struct node *scan_last;
  DIR *scanned;
  struct changes changes;
  struct departure *departures;
  size_t events_at;
  size_t events_end;
  _Alignas(8) char events[EVENT_BUFFER_BYTES];
};

// watch_directories.c

// Begins a slice of work; false when the watched directory is gone.
bool watching_enter(struct watching *watching, int root);
void watching_leave(struct watching *watching);

// Makes the kernel's side of the watch, and watches the first directory. 0 or an errno.
int watching_begin(struct watching *watching);

// Opens a directory (O_PATH), until the next one is opened or the slice ends. -1 and errno; ESTALE when it is not where
// it should be, because it has moved and the event of that is still to come.
int watching_open(struct watching *watching, struct node *node);

// Watches `name`, which has appeared in a directory; all that is in it is news.
void watching_add(struct watching *watching, struct node *parent, const char *name);

// The same for what is found in a directory that is open; news or not.
void watching_add_from(struct watching *watching, struct node *parent, int directory, const char *name, bool is_news);

// Whether what has that name now is the directory that is watched as `node`.
bool watching_is_at(struct watching *watching, const struct node *node, struct node *parent, const char *name);

// Has a node take another name. Where that cannot be, everything is to be watched anew.
void watching_move(struct watching *watching, struct node *node, struct node *parent, const char *name);
void watching_drop(struct watching *watching, struct node *node);

// watch_scan.c

void watching_scan_later(struct watching *watching, struct node *node, bool is_news);

// False when there is nothing to scan, for now.
bool watching_scan(struct watching *watching);
void watching_end_scans(struct watching *watching);

// watch_events.c

// Handles one event; false when there is none.
bool watching_handle_event(struct watching *watching);

void watching_note(struct watching *watching, struct node *node, const char *name, enum change_kind kind,
                   bool is_directory);

// What waits is dropped, and the server gets OVERFLOW.
void watching_overflow(struct watching *watching, enum overflow_reason reason);

// watch_report.c

// CHANGE of PROTOCOL.md.
#define CHANGE_BYTES (1 + ENTRY_BYTES + 2 + PATH_MAX - 1)

// Writes changes until one does not fit; how many bytes that were. `is_complete` is set when there are no more, except
// those whose directory has moved.
size_t watching_report(struct watching *watching, uint8_t *to, size_t room, bool *is_complete);

// The last change there is: what is watched is gone. At most CHANGE_BYTES.
size_t watching_report_end(const struct watching *watching, uint8_t *to);

// watch_pump.c: the operation's hooks.

struct agent;
struct channel;

struct pollfd watching_watch(const struct agent *agent, const struct channel *channel);
void watching_ready(struct agent *agent, struct channel *channel);
bool watching_pump(struct agent *agent, struct channel *channel);

// watch.c

// False when that fails, too; then `error` is set.
bool watching_start_over(struct watching *watching);

// Ends the channel with what is in `error`.
void watching_fail(struct agent *agent, struct channel *channel);
