import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createDockerClient, type DockerClient } from '../../../src/docker/index.ts'
import { startSandbox } from '../../../src/sandbox/sandbox.ts'
import { frame, startFakeEngine, switchingProtocols, type FakeEngine } from '../../support/fake-engine.ts'
import { agentHello } from '../../support/scripted-agent.ts'

let engine: FakeEngine
let docker: DockerClient

beforeEach(async () => {
  engine = await startFakeEngine()
  docker = createDockerClient({ host: engine.host })
  engine.on('POST /containers/create', (_request, reply) => reply.json(201, { Id: 'c', Warnings: [] }))
  engine.on('POST /containers/*/start', (_request, reply) => reply.empty(204))
  engine.on('DELETE /containers/*', (_request, reply) => reply.empty(204))
  engine.on('POST /containers/*/attach', (_request, { socket }) => {
    socket.write(switchingProtocols)
    socket.write(frame(1, agentHello()))
  })
})

afterEach(async () => {
  vi.useRealTimers()
  await docker.close()
  await engine.close()
})

const spec = {
  image: 'i', uid: 1, language: 'python', instanceId: 'i', bootId: 'b', agentVolume: 'v', memoryBytes: 2 ** 28, cpus: 1, pids: 64, diskBytes: 2 ** 26, ociRuntime: undefined
}
const passAnHour = async (): Promise<void> => {
  await vi.advanceTimersByTimeAsync(3_600_000)
  for (let turns = 0; turns < 10; turns++) await turn()
}

it('keeps the agent connected when the deadline of the start has passed', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const sandbox = await startSandbox(docker, spec, new AbortController().signal)
  let isLost = false
  void sandbox.agent.lost.then(() => { isLost = true })
  await passAnHour()
  expect(isLost).toBe(false)
  await sandbox.remove()
})

it('gives up on an agent that says nothing, and removes the container', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const isStarted = new Promise<void>((resolve) => {
    engine.on('POST /containers/*/start', (_request, reply) => {
      reply.empty(204)
      resolve()
    })
  })
  engine.on('POST /containers/*/attach', (_request, { socket }) => void socket.write(switchingProtocols))
  const refusal = expect(startSandbox(docker, spec, new AbortController().signal)).rejects.toThrow('did not start within')
  await isStarted
  await passAnHour()
  await refusal
  expect(engine.requests.at(-1)).toMatchObject({ method: 'DELETE', path: '/containers/c' })
})
