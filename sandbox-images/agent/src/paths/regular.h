// Opening regular files, and nothing else: a FIFO would block, a device may act upon being opened.
#pragma once

#include <sys/stat.h>

// Whether the content may be read or replaced: 0, EISDIR, ELOOP for a link, or ENXIO for a special file.
int regular_check(mode_t mode);

// Opens for reading what O_PATH has opened before, if it is regular. Like open: -1 and errno.
int regular_reopen(int place, struct stat *file);
