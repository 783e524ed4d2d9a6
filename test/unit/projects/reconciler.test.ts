import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDockerClient, type DockerClient } from '../../../src/docker/index.ts'
import { createReconciler, type Reconciler } from '../../../src/projects/lifecycle/reconciler.ts'
import { startFakeEngine, type FakeEngine, type FakeReply } from '../../support/fake-engine.ts'
import { waitFor } from '../../support/wait-for.ts'

const A = '00000000-0000-4000-8000-00000000000a'
const running = { isLeased: false, isDeleted: false, status: 'running' as const }

let engine: FakeEngine
let docker: DockerClient
let reconciler: Reconciler
let containers: unknown[]
let events: FakeReply | undefined
let misfit: Error | undefined
let settled: string[]
let ended: string[]
let warnings: string[]
let doubts: number
let quarantined: unknown[]
let removed: string[]

beforeEach(async () => {
  engine = await startFakeEngine()
  docker = createDockerClient({ host: engine.host })
  containers = [{ Id: 'c', State: 'running', Labels: { 'berth.project': A } }]
  events = undefined
  misfit = undefined
  settled = []
  ended = []
  warnings = []
  doubts = 0
  quarantined = []
  removed = []
  engine.on('GET /containers/json', (_request, reply) => reply.json(200, containers))
  engine.on('GET /volumes', (_request, reply) => reply.json(200, { Volumes: [] }))
  engine.on('GET /networks', (_request, reply) => reply.json(200, []))
  engine.on('GET /events', (_request, reply) => {
    events = reply
    reply.response.writeHead(200).flushHeaders()
  })
  reconciler = createReconciler({
    docker,
    network: { reassert: async () => true, remove: async () => true },
    repo: { listForReconcile: async () => [{ id: A, ...running }], listExpired: async () => [] },
    takeOverMs: 1_000,
    quarantine: {
      view: async () => ({ deleted: new Set(), quarantined: new Map() }),
      update: async ({ quarantineVolumes }) => { quarantined.push(...quarantineVolumes) }
    },
    quarantineMs: 1_000,
    binding: {
      check: async () => { if (misfit !== undefined) throw misfit },
      doubt: () => { doubts++ },
      problem: () => misfit?.message
    },
    instanceId: 'instance',
    settle: async (projectId) => { settled.push(projectId) },
    onContainerEnd: (projectId, containerId) => { ended.push(`${projectId} ${containerId}`) },
    forgetNetwork: () => undefined,
    log: { info: () => undefined, warn: (_fields, message) => { warnings.push(message) } }
  })
})
afterEach(async () => {
  await reconciler.stop()
  await docker.close()
  await engine.close()
})

function tell (action: string, projectId: string): void {
  const event = { Type: 'container', Action: action, Actor: { ID: 'c', Attributes: { 'berth.project': projectId } }, time: 1, timeNano: 1 }
  events?.response.write(`${JSON.stringify(event)}\n`)
}

describe('the reconciler', () => {
  it('settles nothing where both agree', async () => {
    await reconciler.reconcile()
    expect(settled).toEqual([])
  })

  it('settles what has ended while the Engine restarted', async () => {
    reconciler.start()
    await waitFor('the events', () => events !== undefined)
    expect(settled).toEqual([])
    await engine.stop()
    containers = []
    await engine.start()
    await waitFor('the project to be settled', () => settled.includes(A))
    expect(warnings).toContain('the Engine\'s events are interrupted')
    expect(doubts).toBeGreaterThan(0)
  })

  it('settles a project as soon as its container has died, and tells those who work in it', async () => {
    reconciler.start()
    await waitFor('the events', () => events !== undefined)
    tell('die', A)
    await waitFor('the project to be settled', () => settled.includes(A))
    expect(ended).toEqual([`${A} c`])
  })

  it('takes no notice of what is no project of ours', async () => {
    reconciler.start()
    await waitFor('the events', () => events !== undefined)
    tell('die', 'no-uuid')
    tell('destroy', A)
    await waitFor('the second event', () => settled.includes(A))
    expect(ended).toEqual([])
    expect(settled).toEqual([A])
  })

  it('does nothing on an Engine that is not the database\'s', async () => {
    misfit = new Error('another Engine')
    containers = [{ Id: 'orphan', State: 'running', Labels: {} }]
    engine.on('DELETE /containers/*', (_request, reply) => { removed.push('container'); reply.json(204, {}) })
    await expect(reconciler.reconcile()).rejects.toBe(misfit)
    expect([settled, removed, quarantined]).toEqual([[], [], []])
  })

  it('keeps a volume of which the database knows nothing, and says so', async () => {
    engine.on('GET /volumes', (_request, reply) => reply.json(200, { Volumes: [{ Name: 'unknown', Labels: { 'berth.project': '00000000-0000-4000-8000-00000000000b' } }] }))
    engine.on('DELETE /volumes/*', (_request, reply) => { removed.push('volume'); reply.json(204, {}) })
    await reconciler.reconcile()
    expect(removed).toEqual([])
    expect(quarantined).toEqual([{ name: 'unknown', projectId: '00000000-0000-4000-8000-00000000000b' }])
    expect(warnings).toEqual([expect.stringMatching(/no project that the database knows/)])
  })

  it('goes on when one thing cannot be mended', async () => {
    containers = [{ Id: 'orphan', State: 'exited', Labels: {} }]
    engine.on('DELETE /containers/*', (_request, reply) => reply.json(500, { message: 'stuck' }))
    await reconciler.reconcile()
    expect(settled).toEqual([A])
    expect(warnings).toEqual(['orphaned container could not be reconciled'])
  })
})
