#pragma once

// PID 1 of a project sandbox: reaps and passes signals on; returns the exit status.
int init(void);
