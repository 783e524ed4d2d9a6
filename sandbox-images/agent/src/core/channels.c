#include "core/channels.h"

#include "core/agent.h"

// In turns: there is seldom room for all channels, and the first would take it each time.
bool channels_pump(struct agent *agent)
{
  bool more = false;
  size_t first = agent->first_pumped;
  for (size_t i = 0; i < MAX_CHANNELS; i++) {
    size_t slot = (first + i) % MAX_CHANNELS;
    struct channel *channel = &agent->channels[slot];
    if (channel->operation == NULL || channel->operation->pump == NULL || !output_has_room(&agent->output))
      continue;
    size_t before = output_bytes(&agent->output);
    more |= channel->operation->pump(agent, channel);
    if (output_bytes(&agent->output) > before)
      agent->first_pumped = (slot + 1) % MAX_CHANNELS;
  }
  return more;
}

void channels_watch(const struct agent *agent, struct pollfd polls[MAX_CHANNELS])
{
  for (size_t i = 0; i < MAX_CHANNELS; i++) {
    const struct channel *channel = &agent->channels[i];
    bool is_watched = channel->operation != NULL && channel->operation->watch != NULL && output_has_room(&agent->output);
    polls[i] = is_watched ? channel->operation->watch(agent, channel) : (struct pollfd){.fd = -1};
  }
}

void channels_step(struct agent *agent, const struct pollfd polls[MAX_CHANNELS])
{
  for (size_t i = 0; i < MAX_CHANNELS; i++) {
    struct channel *channel = &agent->channels[i];
    if (polls[i].revents != 0 && output_has_room(&agent->output))
      channel->operation->ready(agent, channel);
  }
}
