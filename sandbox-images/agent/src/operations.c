#include "operations.h"

#include "files/operations.h"
#include "net/operations.h"
#include "processes/operations.h"
#include "reset/reset.h"
#include "run/run.h"
#include "watch/watch.h"

const struct operation *const operations[OPERATIONS] = {
  [OPERATION_RUN] = &run_operation,
  [OPERATION_RESET] = &reset_operation,
  [OPERATION_STAT] = &stat_operation,
  [OPERATION_LIST] = &list_operation,
  [OPERATION_READ] = &read_operation,
  [OPERATION_WRITE] = &write_operation,
  [OPERATION_MKDIR] = &mkdir_operation,
  [OPERATION_MOVE] = &move_operation,
  [OPERATION_COPY] = &copy_operation,
  [OPERATION_REMOVE] = &remove_operation,
  [OPERATION_LINK] = &link_operation,
  [OPERATION_USAGE] = &usage_operation,
  [OPERATION_WATCH] = &watch_operation,
  [OPERATION_FIND] = &find_operation,
  [OPERATION_SYNC] = &sync_operation,
  [OPERATION_SPACE] = &space_operation,
  [OPERATION_PORTS] = &ports_operation,
  [OPERATION_DIAL] = &dial_operation,
};

const struct operation *const init_operations[OPERATIONS] = {
  [OPERATION_START] = &start_operation,
  [OPERATION_ATTACH] = &attach_operation,
  [OPERATION_CONTROL] = &control_operation,
  [OPERATION_PROCESSES] = &processes_operation,
  [OPERATION_KILL] = &kill_operation,
  [OPERATION_FOLLOW] = &follow_operation,
};
