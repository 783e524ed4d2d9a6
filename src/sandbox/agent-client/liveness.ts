import type { AgentConnection } from './connection.ts'

const PING_INTERVAL_MS = 5_000
/** So many in a row without an answer: a server that was held up itself finds the answers after the first. */
const UNANSWERED = 3

/**
 * Ends the connection of an agent that does not answer any more, so that nothing waits for it: a guest can stop the
 * process. Returns how to stop watching.
 */
export function watchLiveness (agent: Pick<AgentConnection, 'ping' | 'received' | 'close' | 'lost'>, intervalMs = PING_INTERVAL_MS): () => void {
  let before = agent.received()
  let unanswered = 0
  let timer: NodeJS.Timeout

  function check (): void {
    const received = agent.received()
    unanswered = received === before ? unanswered + 1 : 0
    before = received
    if (unanswered > UNANSWERED) {
      agent.close('the agent does not answer')
      return
    }
    // Not awaited: anything that the agent sends is a sign of life, and its loss stops this.
    agent.ping().catch(() => undefined)
    arm()
  }
  function arm (): void {
    timer = setTimeout(check, intervalMs).unref()
  }

  const stop = (): void => clearTimeout(timer)
  arm()
  void agent.lost.then(stop)
  return stop
}
