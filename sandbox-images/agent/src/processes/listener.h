// How a connection comes to PID 1: `agent connect` hands it the two ends of a stream that the Engine holds, so that no
// byte takes a way through another process.
#pragma once

// The name is one of the sandbox's network namespace, and taken before any guest runs. -1 and errno if it cannot be.
int listener_open(void);

// What a client of the listener has sent: its two ends, 0; EAGAIN when nothing has come yet, or another errno.
int listener_take(int client, int ends[2]);

// `agent connect`: hands over its standard input and output, and stays as long as the connection does.
int connect_to_init(void);
