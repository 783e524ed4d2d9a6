import { beforeEach, describe, expect, it } from 'vitest'
import { createStartNotifications, type StartNotifications } from '../../../src/projects/workspace/start-notifications.ts'
import { createWorkspace, type Workspace } from '../../../src/projects/workspace/workspace.ts'
import type { Location } from '../../../src/projects/core/location.ts'
import { createHelperAgents } from '../../../src/projects/workspace/helper-agents.ts'
import { createDeferred, type Deferred } from '../../../src/lib/deferred.ts'
import type { AgentConnection } from '../../../src/sandbox/agent-client/connection.ts'
import { AgentLostError } from '../../../src/sandbox/agent-client/errors.ts'
import { NotRunningError } from '../../../src/sandbox/project-agent.ts'
import { createSharedAgents } from '../../../src/sandbox/shared-agents.ts'

interface TestAgent extends AgentConnection { readonly name: string }

let at: Location | undefined
let asked: number
let opened: string[]
let removed: string[]
let filled: string[]
let changed: string[]
let stopping: Map<string, AbortController>
let openRunning: (containerId: string) => Promise<AgentConnection>
let openHelper: Deferred<void>
let fill: (agent: AgentConnection) => Promise<void>
let startNotifications: StartNotifications
let workspace: Workspace

function createAgent (name: string): TestAgent {
  const lost = createDeferred<AgentLostError>()
  opened.push(name)
  return { name, ping: async () => undefined, received: () => 0, lost: lost.promise, close: () => lost.resolve(new AgentLostError('closed')) } as unknown as TestAgent
}
const stopped: Location = { owner: 'owner', uid: 1_048_577, isDeleted: false, containerId: undefined }
const running = (containerId: string): Location => ({ ...stopped, containerId })
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
  openHelper = createDeferred()
  openHelper.resolve()
  fill = async (agent) => void filled.push((agent as TestAgent).name)
  startNotifications = createStartNotifications({
    findRunning: async (ids) => at?.containerId === undefined ? [] : ids,
    intervalMs: 60_000,
    onError: (error) => { throw error }
  })
  workspace = createWorkspace({
    locate: async () => {
      asked++
      return at
    },
    running: createSharedAgents({ idleMs: 60_000, open: async (containerId) => await openRunning(containerId) }),
    stoppingSignal: (containerId) => signalOf(containerId).signal,
    helpers: createHelperAgents({
      idleMs: 60_000,
      onError: (error) => { throw error },
      start: async (projectId) => {
        await openHelper.promise
        const agent = createAgent(`files of ${projectId}`)
        return { id: agent.name, agent, remove: async () => void removed.push(agent.name) }
      }
    }),
    startNotifications,
    ensureReady: async (_projectId, agent) => await fill(agent),
    whileDirty: async (projectId, work) => {
      changed.push(projectId)
      return await work()
    }
  })
})

describe('the agent on a project\'s volume', () => {
  it('is in its container while it runs, of which the database is asked once', async () => {
    at = running('c')
    expect(await workspace.withAgent('p', nameOf)).toBe('c')
    expect(await workspace.withAgent('p', nameOf)).toBe('c')
    expect(asked).toBe(1)
    expect(opened).toEqual(['c'])
  })

  it('is in a helper container while it does not, and in its own once it does', async () => {
    expect(await workspace.withAgent('p', nameOf)).toBe('files of p')
    at = running('c')
    expect(await workspace.withAgent('p', nameOf)).toBe('c')
  })

  it('moves when the container is about to end', async () => {
    at = running('c')
    await workspace.withAgent('p', nameOf)
    at = stopped
    signalOf('c').abort()
    expect(await workspace.withAgent('p', nameOf)).toBe('files of p')
  })

  it('moves work along that had not begun, whatever the database says', async () => {
    at = running('dead')
    openRunning = async () => await Promise.reject(new NotRunningError('not running'))
    expect(await workspace.withAgent('p', nameOf)).toBe('files of p')
  })

  it('does not do work again that had begun', async () => {
    at = running('c')
    let begun = 0
    await expect(workspace.withAgent('p', async () => {
      begun++
      throw new AgentLostError('gone')
    })).rejects.toBeInstanceOf(AgentLostError)
    expect(begun).toBe(1)
  })

  it('tells work under way that its container is about to end', async () => {
    at = running('c')
    const begun = createDeferred<void>()
    const work = workspace.withAgent('p', async (_agent, signal) => await new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve('told'), { once: true })
      begun.resolve()
    }))
    await begun.promise
    signalOf('c').abort()
    expect(await work).toBe('told')
  })

  it('finds on the volume what has to be there before any work begins', async () => {
    await workspace.withAgent('p', async () => expect(filled).toEqual(['files of p']))
    fill = async () => await Promise.reject(new Error('no snapshot'))
    await expect(workspace.withAgent('p', nameOf)).rejects.toThrow('no snapshot')
  })

  it('counts as changed by what changes files, except in a container, which changes them all the time', async () => {
    await workspace.withAgent('p', nameOf)
    expect(changed).toEqual([])
    expect(await workspace.withAgent('p', nameOf, { isChange: true })).toBe('files of p')
    at = running('c')
    expect(await workspace.withAgent('p', nameOf, { isChange: true })).toBe('c')
    expect(changed).toEqual(['p'])
  })

  it('is none for a project that is gone', async () => {
    for (const gone of [undefined, { ...stopped, isDeleted: true }]) {
      at = gone
      await expect(workspace.withAgent('p', nameOf)).rejects.toMatchObject({ code: 'PROJECT_NOT_FOUND' })
    }
    expect(opened).toEqual([])
  })

  it('gives up on one that moves and moves', async () => {
    fill = async () => await Promise.reject(new AgentLostError('gone'))
    await expect(workspace.withAgent('p', nameOf)).rejects.toMatchObject({ code: 'PROJECT_BUSY' })
  })

  it('calls watches away from the helper container when the project runs, and lets other work finish', async () => {
    const begun = [createDeferred<void>(), createDeferred<void>()] as const
    const end = createDeferred<string>()
    const short = workspace.withAgent('p', async () => {
      begun[0].resolve()
      return await end.promise
    })
    const long = workspace.withAgent('p', async (_agent, signal) => await new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve('moved'), { once: true })
      begun[1].resolve()
    }), { isWatch: true })
    await Promise.all(begun.map(async ({ promise }) => await promise))
    await startNotifications.tick()
    at = running('c')
    await startNotifications.tick()
    expect(await long).toBe('moved')
    end.resolve('finished')
    expect(await short).toBe('finished')
  })

  it('rejects more watches than the agent has channels for', async () => {
    const waiting = Array.from({ length: 20 }, async () => await workspace.withAgent('p', async (agent) => await agent.lost, { isWatch: true }))
    await expect(workspace.withAgent('p', nameOf, { isWatch: true })).rejects.toThrow('too many')
    expect(await workspace.withAgent('p', nameOf)).toBe('files of p')
    await workspace.close()
    await Promise.all(waiting)
  })

  it('removes its helper containers when it closes, also one that is starting', async () => {
    openHelper = createDeferred()
    const starting = workspace.withAgent('p', async (agent) => await agent.lost)
    await new Promise(setImmediate)
    const closing = workspace.close()
    openHelper.resolve()
    await closing
    expect(removed).toEqual(['files of p'])
    expect(await starting).toBeInstanceOf(AgentLostError)
    await expect(workspace.withAgent('p', nameOf)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' })
  })
})
