// A terminal's wrapper: the leader of an exec's TTY session, which runs a login shell and, when that ends or the terminal
// is to end, leaves nothing of it behind.
#pragma once

// What a terminal may take to end after SIGHUP before it is killed.
#define TTY_GRACE_US 500000

// The arguments after `tty`, as PROTOCOL.md has them. Returns the exit status.
int tty(int count, char *arguments[]);
