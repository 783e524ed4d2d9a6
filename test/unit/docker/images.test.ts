import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDockerClient, type DockerClient } from '../../../src/docker/index.ts'
import { startFakeEngine, type FakeEngine } from '../../support/fake-engine.ts'

let engine: FakeEngine
let docker: DockerClient

beforeEach(async () => {
  engine = await startFakeEngine()
  docker = createDockerClient({ host: engine.host })
})

afterEach(async () => {
  await docker.close()
  await engine.close()
})

const tar = () => Readable.from([Buffer.from('tar')])

function onBuild (lines: string): void {
  engine.on('POST /build', async (request, { response }) => {
    await request.body()
    response.writeHead(200)
    for (const byte of Buffer.from(lines)) {
      response.write(Buffer.from([byte]))
      await turn()
    }
    response.end()
  })
}

async function collect<T> (values: AsyncIterable<T>): Promise<T[]> {
  const collected = []
  for await (const value of values) collected.push(value)
  return collected
}

describe('build', () => {
  it('reports its progress, whatever the packets, and sends what it was told', async () => {
    onBuild('{"stream":"Step 1/1 : FROM é"}\r\n{"aux":{"ID":"sha256:1"}}\r\n')
    const progress = docker.images.build(tar(), { tags: ['a:1', 'a:2'], buildArgs: { A: 'b' }, target: 'last', noCache: true })
    expect(await collect(progress)).toEqual([{ stream: 'Step 1/1 : FROM é' }, { aux: { ID: 'sha256:1' } }])
    const { query, headers } = engine.requests.at(-1)!
    expect(query.getAll('t')).toEqual(['a:1', 'a:2'])
    expect(query.get('buildargs')).toBe('{"A":"b"}')
    expect([query.get('target'), query.get('nocache'), query.get('version')]).toEqual(['last', '1', null])
    expect(headers['content-type']).toBe('application/x-tar')
  })

  it('fails with the step that failed, although the status was 200', async () => {
    onBuild('{"stream":"Step 1/2 : FROM a"}\n{"stream":"\\n"}\n{"stream":"Step 2/2 : RUN false"}\n{"stream":"\\n ---> Running in 1\\n"}\n' +
      '{"errorDetail":{"code":1,"message":"The command returned a non-zero code: 1"},"error":"The command returned a non-zero code: 1"}\n')
    await expect(collect(docker.images.build(tar()))).rejects.toMatchObject({
      code: 'build_failed',
      step: 'Step 2/2 : RUN false',
      daemonMessage: 'The command returned a non-zero code: 1',
      message: 'imageBuild: Step 2/2 : RUN false: The command returned a non-zero code: 1'
    })
  })

  it('fails with the Engine’s words when it is refused outright', async () => {
    engine.on('POST /build', (_request, reply) => reply.json(500, { message: 'Cannot locate specified Dockerfile: Dockerfile' }))
    await expect(collect(docker.images.build(tar()))).rejects.toMatchObject({ code: 'server_error', daemonMessage: 'Cannot locate specified Dockerfile: Dockerfile' })
  })

  it('that breaks off is an error', async () => {
    engine.on('POST /build', (_request, { response }) => {
      response.write('{"stream":"Step 1/2 : FROM a"}\n', () => response.destroy())
    })
    await expect(collect(docker.images.build(tar()))).rejects.toMatchObject({ code: 'unavailable' })
  })
})

describe('pull and import', () => {
  it.each([
    ['debian', 'debian:latest'],
    ['debian:trixie-slim', 'debian:trixie-slim'],
    ['registry:5000/debian', 'registry:5000/debian:latest'],
    ['debian@sha256:00', 'debian@sha256:00']
  ])('pull %s asks for %s and never for every tag', async (reference, asked) => {
    engine.on('POST /images/create', (_request, reply) => reply.text(200, '{"status":"done"}\n'))
    expect(await collect(docker.images.pull(reference))).toEqual([{ status: 'done' }])
    expect(engine.requests.at(-1)?.query.get('fromImage')).toBe(asked)
  })

  it('pull fails on a line of its progress', async () => {
    engine.on('POST /images/create', (_request, reply) => reply.text(200, '{"errorDetail":{"message":"unauthorized"},"error":"unauthorized"}\n'))
    await expect(collect(docker.images.pull('a'))).rejects.toMatchObject({ code: 'pull_failed', daemonMessage: 'unauthorized' })
  })

  it('import uploads a root file system', async () => {
    let received = ''
    engine.on('POST /images/create', async (request, reply) => {
      received = (await request.body()).toString()
      reply.text(200, '{"status":"sha256:1"}\n')
    })
    const progress = docker.images.import(tar(), { repository: 'berth/debian', tag: 'x', changes: ['CMD ["sh"]', 'ENV A=b'] })
    expect(await collect(progress)).toEqual([{ status: 'sha256:1' }])
    expect(received).toBe('tar')
    expect(Object.fromEntries(engine.requests.at(-1)?.query ?? [])).toMatchObject({ fromSrc: '-', repo: 'berth/debian', tag: 'x' })
    expect(engine.requests.at(-1)?.query.getAll('changes')).toEqual(['CMD ["sh"]', 'ENV A=b'])
  })
})

describe('remove', () => {
  it('says what went', async () => {
    engine.on('DELETE /images/a', (_request, reply) => reply.json(200, [{ Untagged: 'a:latest' }]))
    expect(await docker.images.remove('a')).toEqual({ alreadySo: false, removed: [{ Untagged: 'a:latest' }] })
  })

  it('of an image that is not there is already so', async () => {
    engine.on('DELETE /images/a', (_request, reply) => reply.json(404, { message: 'No such image: a:latest' }))
    expect(await docker.images.remove('a')).toEqual({ alreadySo: true, removed: [] })
  })
})
