import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDockerClient, type DockerClient } from '../../../src/docker/index.ts'
import type { Location } from '../../../src/projects/core/location.ts'
import { createHelperStarter, createHelperSweep, type HelperStarterOptions } from '../../../src/projects/workspace/helper-containers.ts'
import type { HelperSpec } from '../../../src/sandbox/container-spec.ts'
import { VolumeLostError, makeWorkspace, removeWorkspace } from '../../../src/sandbox/workspace.ts'
import { frame, startFakeEngine, switchingProtocols, type FakeEngine } from '../../support/fake-engine.ts'
import { agentHello } from '../../support/scripted-agent.ts'

let engine: FakeEngine
let docker: DockerClient
let containers: object[]
let warnings: string[]

beforeEach(async () => {
  engine = await startFakeEngine()
  docker = createDockerClient({ host: engine.host })
  containers = []
  warnings = []
  engine.on('GET /containers/json', (_request, reply) => reply.json(200, containers))
  engine.on('DELETE /containers/*', (_request, reply) => reply.empty(204))
})
afterEach(async () => {
  await docker.close()
  await engine.close()
})

const removed = (): string[] => engine.requests.filter(({ method }) => method === 'DELETE').map(({ path }) => path.split('/').at(-1) ?? '')
const container = (Id: string, boot: string, State: string, ageSeconds = 3600) => ({ Id, State, Created: Date.now() / 1000 - ageSeconds, Labels: { 'berth.boot': boot } })

describe('the sweep of helper containers', () => {
  const createSweep = () => createHelperSweep({
    docker,
    instanceId: 'instance',
    look: async () => ({ has: (boot) => boot === 'alive', fingerprint: '' }),
    log: { info: () => undefined, warn: (_fields, message) => void warnings.push(message) }
  })

  it('removes those whose agent has ended, and leaves alone what is in use or about to be', async () => {
    containers = [
      container('ended', 'dead', 'exited'),
      container('ours, in use', 'alive', 'running'),
      container('ours, left over', 'alive', 'exited'),
      container('ours, new', 'alive', 'created', 1),
      container('theirs, never started', 'dead', 'created', 1)
    ]
    await createSweep().tick()
    expect(removed()).toEqual(['ended', 'ours, left over', 'theirs, never started'].map(encodeURIComponent))
    expect(engine.requests[1]?.query.get('filters')).toContain('berth.instance=instance')
  })

  it('believes only the second time that the server of one that runs is dead', async () => {
    const sweep = createSweep()
    containers = [container('running', 'dead', 'running')]
    await sweep.tick()
    expect(removed()).toEqual([])
    await sweep.tick()
    expect(removed()).toEqual(['running'])
  })

  it('comes back to one that the Engine could not remove, and to an Engine that was away', async () => {
    const sweep = createSweep()
    containers = [container('stuck', 'dead', 'exited'), container('next', 'dead', 'exited')]
    engine.on('DELETE /containers/stuck', (_request, reply) => reply.json(500, { message: 'stuck' }))
    await sweep.tick()
    expect(removed()).toEqual(['stuck', 'next'])
    engine.on('GET /containers/json', (_request, reply) => reply.json(500, { message: 'away' }))
    await sweep.tick()
    expect(warnings).toEqual(['orphaned helper containers could not be listed'])
  })
})

describe('a project\'s volume', () => {
  const project = { projectId: 'p', instanceId: 'ours' }
  beforeEach(() => engine.on('GET /volumes/*', (_request, reply) => reply.json(200, { Name: 'berth-project-p', Labels: { 'berth.instance': 'ours' } })))

  it('goes after everything that works on it', async () => {
    containers = [container('a', 'alive', 'running'), container('b', 'dead', 'exited')]
    engine.on('DELETE /volumes/*', (_request, reply) => reply.empty(204))
    await removeWorkspace(docker, project)
    expect(removed().slice(0, 2).sort()).toEqual(['a', 'b'])
    expect(removed()[2]).toBe('berth-project-p')
    expect(engine.requests.find(({ path }) => path === '/containers/json')?.query.get('filters')).toContain('berth.project=p')
  })

  it('is made anew in place of what the Engine has made for a helper container, and is kept where it is ours', async () => {
    const spec: HelperSpec = { image: 'agent', agentVolume: 'v', uid: 1_048_577, instanceId: 'ours', bootId: 'b', projectId: 'p', owner: 'o', memoryBytes: 2 ** 28, cpus: 1, pids: 8, fileBytes: 2 ** 30 }
    containers = [container('racing', 'alive', 'running')]
    engine.on('DELETE /volumes/*', (_request, reply) => reply.empty(204))
    engine.on('POST /containers/create', (_request, reply) => reply.json(201, { Id: 'owner', Warnings: [] }))
    engine.on('PUT /containers/*/archive', (_request, reply) => reply.empty(200))
    await (await makeWorkspace(docker, spec)).done
    expect(removed()).toEqual(['owner'])
    engine.on('GET /volumes/*', (_request, reply) => reply.json(200, { Name: 'berth-project-p', Labels: null }))
    await (await makeWorkspace(docker, spec)).done
    expect(removed().slice(1)).toEqual(['racing', 'berth-project-p', 'owner'])
  })

  it('goes also when a sandbox comes in between, and stays for as long as somebody else has it', async () => {
    let refusals = 1
    engine.on('DELETE /volumes/*', (_request, reply) => {
      containers = [container('late', 'alive', 'running')]
      if (refusals-- > 0) reply.json(409, { message: 'volume is in use' })
      else reply.empty(204)
    })
    await removeWorkspace(docker, project)
    expect(removed()).toEqual(['berth-project-p', 'late', 'berth-project-p'])
    refusals = Infinity
    await expect(removeWorkspace(docker, project)).rejects.toThrow('in use')
  })
})

describe('a helper container', () => {
  const alive: Location = { owner: 'owner', uid: 1_048_577, isDeleted: false, containerId: undefined }
  let looks: Array<Location | undefined>
  let forgotten: number

  let specs: number

  const start = async (createOnVolume: HelperStarterOptions['createOnVolume'] = async (_projectId, create) => ({ needsFilling: false, created: await create(false) })) => await createHelperStarter({
    docker,
    locate: async () => looks.shift(),
    createOnVolume,
    specOf: async ({ projectId, owner, uid }) => {
      specs++
      return { image: 'agent', agentVolume: 'v', uid, instanceId: 'i', bootId: 'b', projectId, owner, memoryBytes: 2 ** 28, cpus: 1, pids: 8, fileBytes: 2 ** 30 }
    },
    forgetEngine: () => { forgotten++ },
    signal: new AbortController().signal
  })('p')

  beforeEach(() => {
    forgotten = 0
    specs = 0
    engine.on('POST /containers/create', (_request, reply) => reply.json(201, { Id: 'c', Warnings: [] }))
    engine.on('POST /containers/*/start', (_request, reply) => reply.empty(204))
    engine.on('GET /volumes/*', (_request, reply) => reply.json(200, { Name: 'berth-project-p', Labels: { 'berth.instance': 'i' } }))
    engine.on('POST /containers/*/attach', (_request, { socket }) => {
      socket.write(switchingProtocols)
      socket.write(frame(1, agentHello()))
    })
  })

  it('is started for a project that is there', async () => {
    looks = [alive, alive]
    const { id, agent } = await start()
    expect(id).toBe('c')
    agent.close()
  })

  it('is taken back for one that was deleted meanwhile', async () => {
    for (const gone of [undefined, { ...alive, isDeleted: true }]) {
      looks = [alive, gone]
      await expect(start()).rejects.toMatchObject({ code: 'PROJECT_NOT_FOUND' })
    }
    expect(removed()).toEqual(['c', 'berth-project-p', 'c', 'berth-project-p'])
  })

  it('is not begun for one that is gone, or about to go', async () => {
    for (const gone of [undefined, { ...alive, isDeleted: true }]) {
      looks = [gone, gone]
      await expect(start()).rejects.toMatchObject({ code: 'PROJECT_NOT_FOUND' })
    }
    expect(engine.requests).toEqual([])
  })

  it('asks nothing of an Engine that is not the one of the database', async () => {
    looks = [alive, alive]
    await expect(start(async () => { throw new Error('another Engine') })).rejects.toThrow('another Engine')
    expect([specs, engine.requests]).toEqual([0, []])
  })

  it('is removed again when the Engine has made the volume for it, which had been lost', async () => {
    looks = [alive, alive]
    engine.on('GET /volumes/*', (_request, reply) => reply.json(200, { Name: 'berth-project-p', Labels: null }))
    await expect(start()).rejects.toBeInstanceOf(VolumeLostError)
    expect(removed()).toEqual(['c'])
  })

  it('that cannot be started leaves no container, and nothing that was believed of the Engine', async () => {
    looks = [alive, alive]
    engine.on('POST /containers/*/start', (_request, reply) => reply.json(500, { message: 'no runtime' }))
    await expect(start()).rejects.toThrow('no runtime')
    expect(removed()).toEqual(['c'])
    expect(forgotten).toBe(1)
  })
})
