import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { loadConfig } from '../../../src/config.ts'
import { errors } from '../../../src/errors.ts'
import { createDeferred } from '../../../src/lib/deferred.ts'
import { planExecution } from '../../../src/runtime/runs/plan.ts'
import { presentUnfinished } from '../../../src/runtime/runs/result.ts'
import { connectJob } from '../../../src/runtime/protocols/piston/connection.ts'
import { createSession, type RunningSession } from '../../../src/runtime/runs/session.ts'
import type { AgentRun } from '../../../src/sandbox/agent-client/operations.ts'
import type { RunResult } from '../../../src/sandbox/agent-protocol.ts'
import { readyRuntime } from '../../support/runtime-fixture.ts'
import { waitFor } from '../../support/wait-for.ts'

const { execution: limits, sandbox } = loadConfig({}, 2)
const plan = planExecution({ language: 'python', code: '', interactive: true }, readyRuntime(), limits, sandbox.diskBytes)
const ended: RunResult = { exitCode: 0, wallUs: 1, cpuUs: 1, peakMemoryBytes: 1, reason: 'exit', oomKills: 0, stdoutBytes: 0, stderrBytes: 0 }

let server: WebSocketServer
let initializationMs: number
const sockets: WebSocket[] = []
let session: RunningSession
let start: (init: Readonly<Record<string, unknown>>) => Promise<RunningSession>

beforeEach(async () => {
  session = createSession({ id: 'a', owner: 'o', plan, graceMs: 60_000, onChange: () => undefined })
  start = async () => session
  initializationMs = 10_000
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server.on('connection', (socket) => connectJob(socket, {
    start: async (init) => await start(init),
    describeError: (error) => error as Error,
    initializationMs
  }))
  await once(server, 'listening')
})

afterEach(async () => {
  session.complete(presentUnfinished('a', plan, 'killed'))
  for (const socket of sockets.splice(0)) socket.terminate()
  await new Promise((resolve) => server.close(resolve))
})

/** A program of which the test sees what it is given. */
function fakeProgram () {
  const given: unknown[] = []
  const program: AgentRun = {
    result: new Promise(() => undefined),
    sendInput (bytes, onSent) {
      given.push(Buffer.from(bytes).toString())
      onSent?.()
    },
    endInput: () => given.push('end'),
    signal: (number) => given.push(number),
    cancel: () => given.push('cancel')
  }
  return { program, given }
}

async function connect () {
  const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  sockets.push(socket)
  const messages: Array<Record<string, unknown>> = []
  socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString()) as Record<string, unknown>))
  const closed = once(socket, 'close').then(([code, reason]) => [code as number, String(reason)] as const)
  await once(socket, 'open')
  return {
    socket,
    messages,
    closed,
    send: (message: unknown) => socket.send(JSON.stringify(message)),
    received: async (type: string) => await waitFor(type, () => messages.find((message) => message.type === type))
  }
}

describe('a job on a socket', () => {
  it('tells runtime, stages, output and exits, and closes with 4999', async () => {
    const client = await connect()
    client.send({ type: 'init', language: 'python' })
    await client.received('runtime')
    session.startStage('compile', fakeProgram().program)
    session.endStage('compile', ended)
    session.startStage('run', fakeProgram().program)
    session.addOutput('run', 'stdout', Buffer.from('out'))
    session.addOutput('run', 'stderr', Buffer.from('err'))
    session.endStage('run', { ...ended, exitCode: 3 })
    session.complete(presentUnfinished('a', plan, 'killed'))
    expect(await client.closed).toEqual([4999, 'Job Completed'])
    expect(client.messages).toEqual([
      { type: 'runtime', language: 'python', version: '3.13.5' },
      { type: 'stage', stage: 'compile' },
      { type: 'exit', stage: 'compile', code: 0, signal: null },
      { type: 'stage', stage: 'run' },
      { type: 'data', stream: 'stdout', data: 'out' },
      { type: 'data', stream: 'stderr', data: 'err' },
      { type: 'exit', stage: 'run', code: 3, signal: null }
    ])
  })

  it('gives the program what was sent before it had begun', async () => {
    const client = await connect()
    const { program, given } = fakeProgram()
    client.send({ type: 'init' })
    client.send({ type: 'data', stream: 'stdin', data: 'typed' })
    client.send({ type: 'signal', signal: 'SIGINT' })
    await client.received('runtime')
    session.startStage('run', program)
    client.send({ type: 'signal', signal: 'SIGTERM' })
    await waitFor('both signals', () => given.includes(15))
    expect(given).toEqual(['typed', 2, 15])
  })

  it('ignores input and signals for a program that has ended', async () => {
    const client = await connect()
    client.send({ type: 'init' })
    await client.received('runtime')
    session.startStage('run', fakeProgram().program)
    session.endStage('run', ended)
    await client.received('exit')
    client.send({ type: 'signal', signal: 'SIGKILL' })
    session.complete(presentUnfinished('a', plan, 'killed'))
    client.send({ type: 'data', stream: 'stdin', data: 'late' })
    expect(await client.closed).toEqual([4999, 'Job Completed'])
  })

  it('ignores messages of unknown types', async () => {
    const client = await connect()
    client.send({ type: 'nonsense' })
    client.send(null)
    client.send({ type: 'init' })
    expect(await client.received('runtime')).toBeDefined()
  })

  it('is killed when the socket goes', async () => {
    const client = await connect()
    client.send({ type: 'init' })
    await client.received('runtime')
    client.socket.terminate()
    await waitFor('the kill', () => session.killed.aborted)
  })

  it('is killed when the socket went while it was being started', async () => {
    const starting = createDeferred<RunningSession>()
    const asked = createDeferred<void>()
    start = async () => {
      asked.resolve()
      return await starting.promise
    }
    const client = await connect()
    client.send({ type: 'init' })
    await asked.promise
    client.socket.terminate()
    await waitFor('the end of the connection', () => server.clients.size === 0)
    starting.resolve(session)
    await waitFor('the kill', () => session.killed.aborted)
  })
})

describe('a socket is closed', () => {
  it('with 4000 for a second init, which kills the job', async () => {
    const client = await connect()
    client.send({ type: 'init' })
    client.send({ type: 'init' })
    expect(await client.closed).toEqual([4000, 'Already Initialized'])
    expect(session.killed.aborted).toBe(true)
  })

  it('with 4001 when no init comes', async () => {
    initializationMs = 50
    const client = await connect()
    expect(await client.closed).toEqual([4001, 'Initialization Timeout'])
    expect(client.messages).toEqual([])
  })

  it.each([
    [{ type: 'data', stream: 'stdin', data: '' }],
    [{ type: 'signal', signal: 'SIGINT' }]
  ])('with 4003 for %j before the init', async (message) => {
    const client = await connect()
    client.send(message)
    expect(await client.closed).toEqual([4003, 'Not yet initialized'])
  })

  it('with 4004 for data to another stream', async () => {
    const client = await connect()
    client.send({ type: 'init' })
    client.send({ type: 'data', stream: 'stdout', data: '' })
    expect(await client.closed).toEqual([4004, 'Can only write to stdin'])
  })

  it.each(['SIGNOT', 9, undefined, '__proto__'])('with 4005 for the signal %j', async (signal) => {
    const client = await connect()
    client.send({ type: 'init' })
    client.send({ type: 'signal', signal })
    expect(await client.closed).toEqual([4005, 'Invalid signal'])
  })

  it('with 4002 after the error of an init that is refused', async () => {
    start = async () => { throw new errors.BAD_REQUEST('language is required as a string') }
    const client = await connect()
    client.send({ type: 'init' })
    expect(await client.closed).toEqual([4002, 'Notified Error'])
    expect(client.messages).toEqual([{ type: 'error', message: 'language is required as a string' }])
  })

  it('with 4002 after the error of a job that failed on our side', async () => {
    const client = await connect()
    client.send({ type: 'init' })
    await client.received('runtime')
    session.fail(new Error('no'), { code: 'RUN_FAILED', message: 'Try again', result: presentUnfinished('a', plan, 'internal_error') })
    expect(await client.closed).toEqual([4002, 'Notified Error'])
    expect(client.messages.at(-1)).toEqual({ type: 'error', message: 'Try again' })
  })

  it('with 4002 for what is not JSON', async () => {
    const client = await connect()
    client.socket.send('no json')
    expect(await client.closed).toEqual([4002, 'Notified Error'])
    expect(client.messages).toEqual([{ type: 'error', message: expect.stringContaining('JSON') }])
  })

  it('with 4002 for input that is no text', async () => {
    const client = await connect()
    client.send({ type: 'init' })
    client.send({ type: 'data', stream: 'stdin', data: 5 })
    expect(await client.closed).toEqual([4002, 'Notified Error'])
    expect(client.messages.at(-1)).toEqual({ type: 'error', message: 'data is required as a string' })
  })
})
