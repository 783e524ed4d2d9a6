#include "run/run_output.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/agent.h"
#include "core/clock.h"
#include "run/run.h"

void run_output_close(struct run_output *output)
{
  if (output->fd >= 0)
    close(output->fd);
  output->fd = -1;
  output->left = 0;
}

// How much of the output the limit still allows to go out.
static uint64_t within_limit(const struct run *run, const struct run_output *output)
{
  if (run->output_limit == 0)
    return UINT64_MAX;
  return output->written < run->output_limit ? run->output_limit - output->written : 0;
}

// Whether bytes are read only to be counted and thrown away, which takes no credit.
static bool is_discarding(const struct run *run, const struct run_output *output)
{
  return run->is_cancelled || within_limit(run, output) == 0;
}

size_t run_output_readable(const struct agent *agent, size_t i)
{
  const struct run *run = agent->run;
  size_t room = output_data_room(&agent->output);
  size_t credit = run->channel->send_credit[1 + i];
  if (is_discarding(run, &run->outputs[i]))
    return room;
  return room < credit ? room : credit;
}

static size_t smallest(size_t a, uint64_t b, size_t c)
{
  size_t least = a < c ? a : c;
  return least < b ? least : (size_t)b;
}

// Like read: 0 at the end, -1 when there is nothing for now.
static ssize_t read_output(struct agent *agent, size_t i, size_t most)
{
  struct run *run = agent->run;
  struct run_output *output = &run->outputs[i];
  uint8_t stream = (uint8_t)(1 + i);
  uint32_t *credit = &run->channel->send_credit[stream];
  uint8_t *payload = output_begin(&agent->output, FRAME_DATA, run->channel->number, stream);
  ssize_t got = read(output->fd, payload, most);
  if (got <= 0)
    return got < 0 && (errno == EAGAIN || errno == EINTR) ? -1 : 0;
  size_t kept = smallest((size_t)got, within_limit(run, output), *credit);
  if (kept > 0)
    output_commit(&agent->output, kept);
  *credit -= (uint32_t)kept;
  output->written += (uint64_t)got;
  waiting_activity(&run->waiting, clock_us());
  return got;
}

bool run_output_read(struct agent *agent, size_t i, short events)
{
  const struct run *run = agent->run;
  struct run_output *output = &agent->run->outputs[i];
  size_t most = run_output_readable(agent, i);
  if (output->fd >= 0 && events != 0 && most > 0 && read_output(agent, i, most) == 0)
    run_output_close(output);
  return run->output_limit != 0 && output->written > run->output_limit;
}

static void drain(struct agent *agent, size_t i)
{
  struct run_output *output = &agent->run->outputs[i];
  while (output->left > 0) {
    size_t most = run_output_readable(agent, i);
    if (most == 0)
      return;
    ssize_t got = read_output(agent, i, most < output->left ? most : output->left);
    if (got <= 0)
      break;
    output->left -= (size_t)got;
  }
  run_output_close(output);
}

void run_output_limit_to_rest(struct run_output *output)
{
  // A process outside of the tree may have opened the pipe through /proc and go on writing: what the tree wrote is
  // what lies in the pipe now, not all that comes until end of file.
  int left = 0;
  if (output->fd >= 0 && ioctl(output->fd, FIONREAD, &left) == 0 && left > 0)
    output->left = (size_t)left;
  else
    run_output_close(output);
}

bool run_output_drain(struct agent *agent)
{
  const struct run *run = agent->run;
  for (size_t i = 0; i < 2; i++)
    drain(agent, i);
  return run->outputs[0].left == 0 && run->outputs[1].left == 0;
}
