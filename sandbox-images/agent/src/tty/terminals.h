// Terminals seen from outside: their wrappers are found by their command lines, what a killed wrapper has left behind by
// its environment. A guest can forge either and gains nothing: it gets listed, or ended.
#pragma once

// One line each: id, server, and `busy` while a job of the shell is in the foreground, else `idle`.
int terminals_list(void);

// Ends those with these ids; 0 when nothing of them is left.
int terminals_end(int count, char *ids[]);
