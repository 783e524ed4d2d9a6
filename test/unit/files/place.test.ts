import { beforeEach, describe, expect, it } from 'vitest'
import { createAwakenings, type Awakenings } from '../../../src/projects/workspace/start-notifications.ts'
import { createFilePlace, type FilePlace } from '../../../src/projects/workspace/place.ts'
import type { Whereabouts } from '../../../src/projects/workspace/repo.ts'
import { createRestingAgents } from '../../../src/projects/workspace/helper-agents.ts'
import { createDeferred, type Deferred } from '../../../src/lib/deferred.ts'
import type { AgentConnection } from '../../../src/sandbox/agent-client/connection.ts'
import { AgentLostError } from '../../../src/sandbox/agent-client/errors.ts'
import { NotRunningError } from '../../../src/sandbox/project-agent.ts'
import { createSharedAgents } from '../../../src/sandbox/shared-agents.ts'

interface TestAgent extends AgentConnection { readonly name: string }

let at: Whereabouts | undefined
let asked: number
let opened: string[]
let removed: string[]
let filled: string[]
let changed: string[]
let stopping: Map<string, AbortController>
let openRunning: (containerId: string) => Promise<AgentConnection>
let openResting: Deferred<void>
let fill: (agent: AgentConnection) => Promise<void>
let awakenings: Awakenings
let place: FilePlace

function createAgent (name: string): TestAgent {
  const lost = createDeferred<AgentLostError>()
  opened.push(name)
  return { name, ping: async () => undefined, received: () => 0, lost: lost.promise, close: () => lost.resolve(new AgentLostError('closed')) } as unknown as TestAgent
}
const stopped: Whereabouts = { owner: 'owner', uid: 1_048_577, isDeleted: false, containerId: undefined }
const running = (containerId: string): Whereabouts => ({ ...stopped, containerId })
const signalOf = (containerId: string): AbortController => {
  const controller = stopping.get(containerId) ?? new AbortController()
  stopping.set(containerId, controller)
  return controller
}
const nameOf = async (agent: AgentConnection): Promise<string> => (agent as TestAgent).name

beforeEach(() => {
  at = stopped
  asked = 0
  opened = []
  removed = []
  filled = []
  changed = []
  stopping = new Map()
  openRunning = async (containerId) => createAgent(containerId)
  openResting = createDeferred()
  openResting.resolve()
  fill = async (agent) => void filled.push((agent as TestAgent).name)
  awakenings = createAwakenings({
    findRunning: async (ids) => at?.containerId === undefined ? [] : ids,
    intervalMs: 60_000,
    onError: (error) => { throw error }
  })
  place = createFilePlace({
    whereabouts: async () => {
      asked++
      return at
    },
    running: createSharedAgents({ idleMs: 60_000, open: async (containerId) => await openRunning(containerId) }),
    stoppingSignal: (containerId) => signalOf(containerId).signal,
    resting: createRestingAgents({
      idleMs: 60_000,
      onError: (error) => { throw error },
      start: async (projectId) => {
        await openResting.promise
        const agent = createAgent(`files of ${projectId}`)
        return { id: agent.name, agent, remove: async () => void removed.push(agent.name) }
      }
    }),
    awakenings,
    fill: async (_projectId, agent) => await fill(agent),
    changing: async (projectId, work) => {
      changed.push(projectId)
      return await work()
    }
  })
})

describe('the place of a project\'s files', () => {
  it('is its container while it runs, of which the database is asked once', async () => {
    at = running('c')
    expect(await place.use('p', nameOf)).toBe('c')
    expect(await place.use('p', nameOf)).toBe('c')
    expect(asked).toBe(1)
    expect(opened).toEqual(['c'])
  })

  it('is a sandbox of its own while it does not, and the container once it does', async () => {
    expect(await place.use('p', nameOf)).toBe('files of p')
    at = running('c')
    expect(await place.use('p', nameOf)).toBe('c')
  })

  it('moves when the container is about to end', async () => {
    at = running('c')
    await place.use('p', nameOf)
    at = stopped
    signalOf('c').abort()
    expect(await place.use('p', nameOf)).toBe('files of p')
  })

  it('moves work along that had not begun, whatever the database says', async () => {
    at = running('dead')
    openRunning = async () => await Promise.reject(new NotRunningError('not running'))
    expect(await place.use('p', nameOf)).toBe('files of p')
  })

  it('does not do work again that had begun', async () => {
    at = running('c')
    let begun = 0
    await expect(place.use('p', async () => {
      begun++
      throw new AgentLostError('gone')
    })).rejects.toBeInstanceOf(AgentLostError)
    expect(begun).toBe(1)
  })

  it('tells work under way that it is about to go', async () => {
    at = running('c')
    const begun = createDeferred<void>()
    const work = place.use('p', async (_agent, signal) => await new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve('told'), { once: true })
      begun.resolve()
    }))
    await begun.promise
    signalOf('c').abort()
    expect(await work).toBe('told')
  })

  it('holds what it has to before any work begins', async () => {
    await place.use('p', async () => expect(filled).toEqual(['files of p']))
    fill = async () => await Promise.reject(new Error('no snapshot'))
    await expect(place.use('p', nameOf)).rejects.toThrow('no snapshot')
  })

  it('counts as changed by what changes files, except in a container, which changes them all the time', async () => {
    await place.use('p', nameOf)
    expect(changed).toEqual([])
    expect(await place.use('p', nameOf, { isChange: true })).toBe('files of p')
    at = running('c')
    expect(await place.use('p', nameOf, { isChange: true })).toBe('c')
    expect(changed).toEqual(['p'])
  })

  it('is none for a project that is gone', async () => {
    for (const gone of [undefined, { ...stopped, isDeleted: true }]) {
      at = gone
      await expect(place.use('p', nameOf)).rejects.toMatchObject({ code: 'PROJECT_NOT_FOUND' })
    }
    expect(opened).toEqual([])
  })

  it('gives up on one that moves and moves', async () => {
    fill = async () => await Promise.reject(new AgentLostError('gone'))
    await expect(place.use('p', nameOf)).rejects.toMatchObject({ code: 'PROJECT_BUSY' })
  })

  it('calls those who wait away from the sandbox when the project runs, and lets others finish', async () => {
    const begun = [createDeferred<void>(), createDeferred<void>()] as const
    const end = createDeferred<string>()
    const short = place.use('p', async () => {
      begun[0].resolve()
      return await end.promise
    })
    const long = place.use('p', async (_agent, signal) => await new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve('moved'), { once: true })
      begun[1].resolve()
    }), { isWaiting: true })
    await Promise.all(begun.map(async ({ promise }) => await promise))
    await awakenings.tick()
    at = running('c')
    await awakenings.tick()
    expect(await long).toBe('moved')
    end.resolve('finished')
    expect(await short).toBe('finished')
  })

  it('has no room for more who wait than the agent has channels for', async () => {
    const waiting = Array.from({ length: 20 }, async () => await place.use('p', async (agent) => await agent.lost, { isWaiting: true }))
    await expect(place.use('p', nameOf, { isWaiting: true })).rejects.toThrow('too many')
    expect(await place.use('p', nameOf)).toBe('files of p')
    await place.close()
    await Promise.all(waiting)
  })

  it('takes its sandboxes away when it closes, also one that is starting', async () => {
    openResting = createDeferred()
    const starting = place.use('p', async (agent) => await agent.lost)
    await new Promise(setImmediate)
    const closing = place.close()
    openResting.resolve()
    await closing
    expect(removed).toEqual(['files of p'])
    expect(await starting).toBeInstanceOf(AgentLostError)
    await expect(place.use('p', nameOf)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' })
  })
})
