import { afterEach, describe, expect, it } from 'vitest'
import { createDockerClient, type DockerClient } from '../../../src/docker/index.ts'
import { startFakeEngine, type FakeEngine } from '../../support/fake-engine.ts'

let engine: FakeEngine
let docker: DockerClient

async function start (apiVersion: string): Promise<void> {
  engine = await startFakeEngine({ apiVersion })
  docker = createDockerClient({ host: engine.host })
  engine.on('GET /containers/c/json', (request, reply) => reply.json(200, { version: request.version }))
}

afterEach(async () => {
  await docker.close()
  await engine.close()
})

describe('the API version', () => {
  it.each([
    ['1.41', '1.41'],
    ['1.45', '1.45'],
    ['1.52', '1.52'],
    ['1.60', '1.52'],
    ['2.0', '1.52']
  ])('of an Engine that speaks up to %s is %s', async (theirs, spoken) => {
    await start(theirs)
    expect(await docker.negotiate()).toBe(spoken)
    expect(await docker.containers.inspect('c')).toEqual({ version: spoken })
  })

  it('is asked for once, by HEAD', async () => {
    await start('1.45')
    await docker.containers.inspect('c')
    await docker.containers.inspect('c')
    expect(engine.requests.map(({ method, path }) => `${method} ${path}`))
      .toEqual(['HEAD /_ping', 'GET /containers/c/json', 'GET /containers/c/json'])
  })

  it('is asked for by GET where HEAD is refused', async () => {
    await start('1.45')
    engine.on('HEAD /_ping', (_request, reply) => reply.empty(405))
    expect(await docker.negotiate()).toBe('1.45')
  })

  it('is refused when it is too old for us', async () => {
    await start('1.40')
    await expect(docker.containers.inspect('c')).rejects.toMatchObject({
      code: 'unsupported_version',
      message: 'negotiate: the Engine speaks API 1.40 at most, at least 1.41 (Docker 20.10) is needed'
    })
  })

  it('is missing where no Engine answers', async () => {
    await start('')
    await expect(docker.negotiate()).rejects.toMatchObject({ code: 'protocol' })
  })

  it.each([
    ['older', '1.45', '1.41', 'client version 1.45 is too new. Maximum supported API version is 1.41'],
    ['newer', '1.41', '1.52', 'client version 1.41 is too old. Minimum supported API version is 1.44, please upgrade your client']
  ])('is negotiated anew when an %s Engine has taken the place', async (_name, before, after, message) => {
    await start(before)
    await docker.negotiate()
    await engine.stop()
    await engine.start(after)
    engine.on('GET /containers/c/json', (request, reply) => {
      if (request.version === before) reply.json(400, { message })
      else reply.json(200, { version: request.version })
    })
    expect(await docker.containers.inspect('c')).toEqual({ version: after })
  })

  it('that is refused whatever we say is an error and not a loop', async () => {
    await start('1.45')
    engine.on('GET /containers/c/json', (_request, reply) => reply.json(400, { message: 'client version 1.45 is too new. Maximum supported API version is 1.41' }))
    await expect(docker.containers.inspect('c')).rejects.toMatchObject({ code: 'bad_request' })
    expect(engine.requests.filter(({ path }) => path === '/containers/c/json')).toHaveLength(2)
  })

  it('negotiated anew does not take the call past its deadline', async () => {
    await start('1.45')
    await docker.negotiate()
    let calls = 0
    engine.on('GET /containers/c/json', (_request, reply) => {
      if (++calls === 1) reply.json(400, { message: 'client version 1.45 is too new. Maximum supported API version is 1.41' })
    })
    await expect(docker.containers.inspect('c', { deadlineMs: 100 })).rejects.toMatchObject({ code: 'timeout' })
    expect(calls).toBe(2)
  })
})
