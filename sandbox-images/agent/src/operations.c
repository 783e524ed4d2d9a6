#include "operations.h"

#include <stddef.h>

#include "core/agent.h"
#include "files/copy.h"
#include "files/find.h"
#include "files/get.h"
#include "files/link.h"
#include "files/list.h"
#include "files/mkdir.h"
#include "files/move.h"
#include "files/put.h"
#include "files/read.h"
#include "files/remove.h"
#include "files/space.h"
#include "files/stat.h"
#include "files/sync.h"
#include "files/usage.h"
#include "files/walk.h"
#include "files/write.h"
#include "net/dial.h"
#include "net/ports.h"
#include "reset/reset.h"
#include "watch/watch.h"

typedef void opener(struct agent *agent, uint16_t number, struct fields *fields);

static opener *const openers[] = {
  [OPERATION_RUN] = run_open,
  [OPERATION_PUT] = put_open,
  [OPERATION_GET] = get_open,
  [OPERATION_WALK] = walk_open,
  [OPERATION_RESET] = reset_open,
  [OPERATION_STAT] = stat_open,
  [OPERATION_LIST] = list_open,
  [OPERATION_READ] = read_open,
  [OPERATION_WRITE] = write_open,
  [OPERATION_MKDIR] = mkdir_open,
  [OPERATION_MOVE] = move_open,
  [OPERATION_COPY] = copy_open,
  [OPERATION_REMOVE] = remove_open,
  [OPERATION_LINK] = link_open,
  [OPERATION_USAGE] = usage_open,
  [OPERATION_FIND] = find_open,
  [OPERATION_SYNC] = sync_open,
  [OPERATION_SPACE] = space_open,
  [OPERATION_WATCH] = watch_open,
  [OPERATION_PORTS] = ports_open,
  [OPERATION_DIAL] = dial_open,
};

void operation_open(struct agent *agent, uint8_t code, uint16_t number, struct fields *fields)
{
  opener *open = code < sizeof openers / sizeof *openers ? openers[code] : NULL;
  if (open == NULL)
    output_error(&agent->output, number, ERROR_BAD_REQUEST, "unknown operation");
  else
    open(agent, number, fields);
}
