import type { DockerClient } from '../docker/index.ts'

/** The loss of an agent is noticed at once, and the Engine tells of the kill a moment before or after. */
const BEFORE_SECONDS = 2
const AFTER_MS = 500

/**
 * Whether something in a container was OOM-killed just now; asked when an agent in it is lost. `State.OOMKilled` does not
 * tell: it stays true once any program was, and with cgroup v2 it comes late.
 */
export async function wasOomKilled (docker: DockerClient, containerId: string): Promise<boolean> {
  const { SystemTime } = await docker.system.info()
  const events = docker.events({
    filters: { container: [containerId], event: ['oom'] },
    since: Date.parse(SystemTime) / 1_000 - BEFORE_SECONDS
  }, { signal: AbortSignal.timeout(AFTER_MS) })
  for await (const { kind } of events) if (kind === 'event') return true
  return false
}
