import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { AgentLostError } from '../../../src/sandbox/agent-client/errors.ts'
import { createSharedAgents } from '../../../src/sandbox/shared-agents.ts'
import type { AgentConnection } from '../../../src/sandbox/agent-client/connection.ts'

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

/** Answers pings for as long as it is to. */
function createAgent (isAlive: () => boolean) {
  let received = 0
  let lose: (error: AgentLostError) => void = () => undefined
  const lost = new Promise<AgentLostError>((resolve) => { lose = resolve })
  return {
    lost,
    ping: async () => { if (isAlive()) received++ },
    received: () => received,
    close: (reason = 'closed') => lose(new AgentLostError(reason))
  } as unknown as AgentConnection
}

/** Work that only the agent's end ends. */
const endless = async (agent: AgentConnection): Promise<never> => { throw await agent.lost }

it('an agent that stops answering is given up, and the next work gets a new one', async () => {
  let isAlive = true
  const opened: AgentConnection[] = []
  const agents = createSharedAgents({
    idleMs: 600_000,
    pingMs: 100,
    open: async () => {
      const first = opened.length === 0
      const agent = createAgent(() => !first || isAlive)
      opened.push(agent)
      return agent
    }
  })
  const work = agents.use('c', endless)
  const outcome = expect(work).rejects.toThrow('the agent does not answer')
  await vi.advanceTimersByTimeAsync(10_000)
  expect(opened).toHaveLength(1)
  isAlive = false
  await vi.advanceTimersByTimeAsync(1_000)
  await outcome
  expect(await agents.use('c', async (agent) => agent === opened[1])).toBe(true)
  agents.close()
})
