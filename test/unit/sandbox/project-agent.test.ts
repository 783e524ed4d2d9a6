import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDockerClient, type DockerClient } from '../../../src/docker/index.ts'
import { AgentLostError } from '../../../src/sandbox/agent-client/errors.ts'
import { NotRunningError, openProjectAgent } from '../../../src/sandbox/project-agent.ts'
import { startFakeEngine, switchingProtocols, type FakeEngine } from '../../support/fake-engine.ts'

let engine: FakeEngine
let docker: DockerClient
beforeEach(async () => {
  engine = await startFakeEngine()
  docker = createDockerClient({ host: engine.host })
  engine.on('POST /containers/c/exec', (_request, reply) => reply.json(201, { Id: 'e' }))
})
afterEach(async () => {
  await docker.close()
  await engine.close()
})

describe('an agent in a running project', () => {
  it('that is too slow to say hello is the Engine\'s affair: nothing says that the container has ended', async () => {
    engine.on('POST /exec/e/start', (_request, { socket }) => void socket.write(switchingProtocols))
    await expect(openProjectAgent(docker, 'c', 300)).rejects.toMatchObject({ name: 'DockerError', code: 'timeout', operation: 'execStart' })
  })

  it('that ends before its hello is lost', async () => {
    engine.on('POST /exec/e/start', (_request, { socket }) => void socket.end(switchingProtocols))
    await expect(openProjectAgent(docker, 'c')).rejects.toBeInstanceOf(AgentLostError)
  })

  it('cannot be where the container does not run', async () => {
    engine.on('POST /containers/c/exec', (_request, reply) => reply.json(409, { message: 'container c is not running' }))
    await expect(openProjectAgent(docker, 'c')).rejects.toBeInstanceOf(NotRunningError)
  })
})
