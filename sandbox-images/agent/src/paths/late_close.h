// Removing and replacing files without waiting until the kernel has freed them, which for a large one takes long
// (ext4: a second for 1 GB): a thread closes what keeps the file last.
#pragma once

// A reference to what has the name, which stays when the name goes; -1 if there is nothing, or none can be had.
int late_open(int parent, const char *name);

// Releases it, or a file that was open anyway.
void late_close(int fd);

// Removes what is no directory. Like unlink: -1 and errno.
int late_unlink(int parent, const char *name);
