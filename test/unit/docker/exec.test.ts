import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDockerClient, type DockerClient } from '../../../src/docker/index.ts'
import { frame, startFakeEngine, switchingProtocols, type FakeEngine } from '../../support/fake-engine.ts'

let engine: FakeEngine
let docker: DockerClient
let body: unknown

beforeEach(async () => {
  engine = await startFakeEngine()
  docker = createDockerClient({ host: engine.host })
  engine.on('POST /containers/c/exec', async (request, reply) => {
    body = JSON.parse((await request.body()).toString())
    reply.json(201, { Id: 'e' })
  })
})

afterEach(async () => {
  await docker.close()
  await engine.close()
})

function onStart (output: Buffer | string): void {
  engine.on('POST /exec/e/start', async (request, { socket }) => {
    body = JSON.parse((await request.body()).toString())
    socket.end(Buffer.concat([Buffer.from(switchingProtocols), Buffer.from(output)]))
  })
}

describe('exec create', () => {
  it('makes the detach keys of a TTY harmless, unless told otherwise', async () => {
    await docker.exec.create('c', { Cmd: ['sh'], Tty: true })
    expect(body).toEqual({ Cmd: ['sh'], Tty: true, DetachKeys: 'ctrl-^,ctrl-@,ctrl-^,ctrl-@,ctrl-^,ctrl-@' })
    await docker.exec.create('c', { Cmd: ['sh'], Tty: true, DetachKeys: 'ctrl-a' })
    expect(body).toEqual({ Cmd: ['sh'], Tty: true, DetachKeys: 'ctrl-a' })
    await docker.exec.create('c', { Cmd: ['true'] })
    expect(body).toEqual({ Cmd: ['true'] })
  })
})

describe('exec start', () => {
  it('takes frames apart', async () => {
    onStart(Buffer.concat([frame(1, 'out'), frame(2, 'err')]))
    const { stdout, stderr, closed } = await docker.exec.start('e')
    expect([await text(stdout), await text(stderr)]).toEqual(['out', 'err'])
    await closed
    expect(body).toEqual({ Detach: false, Tty: false })
  })

  it('hands a TTY’s bytes on as they are', async () => {
    onStart('\u0001$ ')
    const { stdout, stderr } = await docker.exec.start('e', { tty: true })
    expect([await text(stdout), await text(stderr)]).toEqual(['\u0001$ ', ''])
    expect(body).toEqual({ Detach: false, Tty: true })
  })

  it('gives the bare connection to whoever decodes for itself', async () => {
    const bytes = frame(1, 'out')
    onStart(bytes)
    const { socket } = await docker.exec.startRaw('e')
    const chunks: Buffer[] = []
    for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk)
    expect(Buffer.concat(chunks)).toEqual(bytes)
  })

  it.each([
    [404, 'No such exec instance: e', 'not_found'],
    [409, 'Container c is not running', 'conflict'],
    [500, 'cannot resume a stopped exec', 'server_error']
  ])('keeps the words of a refusal with %i', async (status, message, code) => {
    engine.on('POST /exec/e/start', (_request, reply) => reply.json(status, { message }))
    await expect(docker.exec.start('e')).rejects.toMatchObject({ code, status, daemonMessage: message, operation: 'execStart' })
  })

  it('detached is an ordinary call', async () => {
    engine.on('POST /exec/e/start', async (request, reply) => {
      body = JSON.parse((await request.body()).toString())
      reply.empty(200)
    })
    await docker.exec.startDetached('e')
    expect(body).toEqual({ Detach: true, Tty: false })
  })
})

describe('exec inspect', () => {
  it('leaves an exit code that is not there yet null', async () => {
    engine.on('GET /exec/e/json', (_request, reply) => reply.json(200, { ExitCode: null, Running: true }))
    expect((await docker.exec.inspect('e')).ExitCode).toBeNull()
  })
})
