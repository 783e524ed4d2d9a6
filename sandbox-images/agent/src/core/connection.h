// Takes the server's frames apart and hands them on.
#pragma once

#include <stdbool.h>

struct agent;

void connection_hello(struct agent *agent);

// Reads what there is and handles whole frames while their answers fit. False at the end of input.
bool connection_read(struct agent *agent, int fd);

// Handles frames that had to wait for room in the output.
void connection_handle(struct agent *agent);
