import { describe, expect, it, vi } from 'vitest'
import { createListening } from '../../../src/projects/lifecycle/status/listening.ts'
import { createVisitors } from '../../../src/projects/preview/visitors.ts'
import { createSharedAgents } from '../../../src/sandbox/shared-agents.ts'
import { createDeferred } from '../../../src/lib/deferred.ts'
import { createScriptedAgent } from '../../support/scripted-agent.ts'
import { waitFor } from '../../support/wait-for.ts'

describe('an agent that is shared', () => {
  function scripted (idleMs = 60_000) {
    const opened: Array<ReturnType<typeof createScriptedAgent>> = []
    const agents = createSharedAgents({
      idleMs,
      open: async () => {
        const agent = createScriptedAgent()
        opened.push(agent)
        return await agent.connect()
      }
    })
    return { agents, opened }
  }

  it('is opened once for all who need it, and once for each container', async () => {
    const { agents, opened } = scripted()
    const [one, two, other] = await Promise.all(['c1', 'c1', 'c2'].map(async (id) => await agents.use(id, async (agent) => agent)))
    expect(one).toBe(two)
    expect(one).not.toBe(other)
    expect(opened).toHaveLength(2)
    agents.close()
  })

  it('is opened anew when it has died', async () => {
    const { agents, opened } = scripted()
    const agent = await agents.use('c1', async (agent) => agent)
    opened[0]?.end()
    await agent.lost
    await waitFor('the next one', async () => await agents.use('c1', async (next) => next !== agent))
    expect(opened).toHaveLength(2)
    agents.close()
  })

  it('is closed when nobody has needed it for a while, not before', async () => {
    const { agents, opened } = scripted(20)
    const busy = createDeferred<void>()
    const using = agents.use('c1', async () => await busy.promise)
    await agents.use('c1', async () => undefined)
    expect(opened[0]?.isDestroyed()).toBe(false)
    busy.resolve()
    await using
    await waitFor('it to be closed', () => opened[0]?.isDestroyed())
  })

  it('that cannot be opened is tried again by the next', async () => {
    const open = vi.fn(async () => await Promise.reject(new Error('not running')))
    const agents = createSharedAgents({ open, idleMs: 1000 })
    await expect(agents.use('c1', async () => 1)).rejects.toThrow('not running')
    await expect(agents.use('c1', async () => 1)).rejects.toThrow('not running')
    expect(open).toHaveBeenCalledTimes(2)
  })

  it('is of no use once all are closed', async () => {
    const { agents, opened } = scripted()
    await agents.use('c1', async () => undefined)
    agents.close()
    await waitFor('it to be closed', () => opened[0]?.isDestroyed())
    await expect(agents.use('c1', async () => 1)).rejects.toThrow('stopping')
  })
})

describe('what listens', () => {
  it('is asked at most once a second, and again after a failure', async () => {
    let now = 0
    const list = vi.fn(async () => await Promise.resolve([{ port: 1, process: null, loopbackOnly: true }]))
    const listening = createListening({ list, now: () => now })
    await Promise.all([listening('c1'), listening('c1')])
    now = 999
    await listening('c1')
    expect(list).toHaveBeenCalledTimes(1)
    now = 1000
    await listening('c1')
    await listening('c2')
    expect(list).toHaveBeenCalledTimes(3)
    list.mockRejectedValueOnce(new Error('gone'))
    now = 3000
    await expect(listening('c1')).rejects.toThrow('gone')
    expect(await listening('c1')).toHaveLength(1)
  })
})

it('visitors are shown out by project, and anonymous ones apart', () => {
  const visitors = createVisitors()
  const closed: string[] = []
  const enter = (projectId: string, isAnonymous: boolean, name: string) => visitors.enter({ projectId, isAnonymous, close: () => closed.push(name) })
  enter('p1', true, 'stranger')
  const leave = enter('p1', false, 'owner')
  enter('p2', false, 'other')
  expect([visitors.count('p1'), visitors.count('p3'), visitors.anonymouslyVisited()]).toEqual([2, 0, ['p1']])
  visitors.closeAnonymous('p1')
  expect(closed).toEqual(['stranger'])
  leave()
  visitors.closeProject('p1')
  expect(closed).toEqual(['stranger', 'stranger'])
  visitors.closeAll()
  expect(closed).toContain('other')
})
