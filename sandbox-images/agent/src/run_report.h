#pragma once

struct agent;

// Sends RESULT of a run of which nothing is left, and closes its channel.
void run_report(struct agent *agent);
