import { beforeEach, describe, expect, it } from 'vitest'
import { createDeferred } from '../../../src/lib/deferred.ts'
import { createHelperAgents, type HelperAgents } from '../../../src/projects/workspace/helper-agents.ts'
import type { AgentConnection } from '../../../src/sandbox/agent-client/connection.ts'
import { AgentLostError } from '../../../src/sandbox/agent-client/errors.ts'
import { waitFor } from '../../support/wait-for.ts'

let started: number
let removed: string[]
let problems: string[]
let remove: (id: string) => Promise<void>
let helpers: HelperAgents

beforeEach(() => {
  started = 0
  removed = []
  problems = []
  remove = async (id) => void removed.push(id)
  helpers = createHelperAgents({
    most: 2,
    idleMs: 5,
    onError: (_error, containerId) => void problems.push(containerId),
    start: async () => {
      const id = `sandbox ${++started}`
      const lost = createDeferred<AgentLostError>()
      const agent = { received: () => 0, ping: async () => undefined, lost: lost.promise, close: () => lost.resolve(new AgentLostError('closed')) } as unknown as AgentConnection
      return { id, agent, remove: async () => await remove(id) }
    }
  })
})

describe('the agent of a stopped project', () => {
  it('serves all who come, and its container goes when nobody has come for a while', async () => {
    const [first, second] = await Promise.all([helpers.use('p', async (agent) => agent), helpers.use('p', async (agent) => agent)])
    expect(first).toBe(second)
    await waitFor('the sandbox to go', () => removed.includes('sandbox 1'))
    expect(started).toBe(1)
  })

  it('is another one after the first was lost, and the first leaves nothing behind', async () => {
    await helpers.use('p', async (agent) => agent.close())
    await waitFor('the first to go', () => removed.length === 1)
    await helpers.use('p', async () => expect(started).toBe(2))
    await waitFor('both to be gone', () => removed.length === 2)
  })

  it('that cannot be removed is reported, and keeps nobody waiting', async () => {
    remove = async () => await Promise.reject(new Error('stuck'))
    await helpers.use('p', async () => undefined)
    helpers.close()
    await helpers.closed()
    expect(problems).toEqual(['sandbox 1'])
  })

  it('is refused while as many containers are at work as there can be, and to be had when one has gone', async () => {
    const done = createDeferred<undefined>()
    const held = ['p', 'q'].map((projectId) => helpers.use(projectId, async () => await done.promise))
    await expect(helpers.use('r', async () => undefined)).rejects.toMatchObject({ code: 'FILES_BUSY', statusCode: 503 })
    expect(started).toBe(2)
    done.resolve(undefined)
    await Promise.all(held)
    await waitFor('a sandbox to go', () => removed.length > 0)
    await helpers.use('r', async () => expect(started).toBe(3))
  })
})
