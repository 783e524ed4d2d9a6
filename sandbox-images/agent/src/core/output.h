// The bounded queue of frames on their way to the server.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/protocol.h"

// Kept free by DATA frames, so that the small frames always find room: what a server may cause with one frame
// (a credit, a pong, an entry with its paths, the last frames of a channel) is at most half of it.
#define OUTPUT_RESERVE 32768

struct output {
  uint8_t bytes[2 * (HEADER_BYTES + MAX_PAYLOAD) + OUTPUT_RESERVE];
  size_t head;
  size_t tail;
};

enum output_status { OUTPUT_OPEN, OUTPUT_CLOSED };

// Starts a frame and returns where its payload goes; output_commit gets its length.
// Without a commit nothing happened, so the room may also serve to read bytes that are thrown away.
uint8_t *output_begin(struct output *output, enum frame_type type, uint16_t channel, uint8_t stream);
void output_commit(struct output *output, size_t payload_bytes);

void output_frame(struct output *output, enum frame_type type, uint16_t channel, uint8_t stream, const void *payload,
                  size_t length);
void output_error(struct output *output, uint16_t channel, enum error_code code, const char *message);
void output_credit(struct output *output, uint16_t channel, uint32_t bytes);

// Most payload that a DATA frame may have now; 0 while it is not worth a frame.
size_t output_data_room(const struct output *output);

// Whether the answers to one more frame from the server fit.
bool output_has_room(const struct output *output);

// How many wait to be written.
size_t output_bytes(const struct output *output);

bool output_pending(const struct output *output);

// Writes what the descriptor takes without blocking.
enum output_status output_flush(struct output *output, int fd);
