#pragma once

struct options;

// Speaks the protocol over standard input and output until either ends; returns the exit status.
int serve(const struct options *options);
