// The program's standard input: what the server has sent on its way into the pipe.
#pragma once

struct agent;
struct run;

void run_input_close(struct run *run);

// Nobody reads it any more: what is queued is done with.
void run_input_drop(struct agent *agent);

// Writes what the pipe takes.
void run_input_feed(struct agent *agent);
