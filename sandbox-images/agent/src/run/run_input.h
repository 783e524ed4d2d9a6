// The program's standard input: what the server has sent on its way into the pipe.
#pragma once

struct agent;
struct run;

void run_input_close(struct run *run);

// The program reads no more: what is queued is discarded.
void run_input_drop(struct agent *agent);

// Writes what the pipe takes.
void run_input_feed(struct agent *agent);
