// The operations on files: STAT, LIST and the others up to 29, but WATCH.
#pragma once

#include "core/operation.h"

extern const struct operation stat_operation, list_operation, read_operation, write_operation, mkdir_operation,
  move_operation, copy_operation, remove_operation, link_operation, usage_operation, find_operation, sync_operation,
  space_operation;
