// What all channels of a connection do in a round of the loop.
#pragma once

#include <poll.h>
#include <stdbool.h>

#include "core/channel.h"

// Sends what there is and there is room for; whether there is more that needs no event.
bool channels_pump(struct agent *agent);

// What to wait for, and what has come of it; before any frame is handled, which may open another channel in the same slot.
void channels_watch(const struct agent *agent, struct pollfd polls[MAX_CHANNELS]);
void channels_step(struct agent *agent, const struct pollfd polls[MAX_CHANNELS]);
