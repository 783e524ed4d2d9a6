import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { waitFor } from '../../support/wait-for.ts'
import { startBerth, type Berth } from '../support/berth.ts'
import { createPistonApi, type JobClient } from './api.ts'

let berth: Berth
let piston: ReturnType<typeof createPistonApi>
beforeAll(async () => {
  berth = await startBerth({ RUNTIMES: 'python,c' })
  piston = createPistonApi(berth)
})
afterAll(async () => await berth.stop())

async function init (content: string, more: Record<string, unknown> = {}): Promise<JobClient> {
  const client = await piston.connect()
  client.send({ type: 'init', language: 'python', version: '*', files: [{ content }], ...more })
  return client
}

async function latestStatus (): Promise<string | undefined> {
  const { sessions } = await (await berth.get('/api/sessions?limit=1')).json() as { sessions: Array<{ status: string }> }
  return sessions[0]?.status
}

describe('WS /api/v2/connect', () => {
  it('tells runtime, stage, data and exit in this order, and closes with 4999', async () => {
    const client = await init('import sys; sys.stdout.write("hi\\n")')
    expect(await client.closed).toEqual([4999, 'Job Completed'])
    expect(client.messages).toEqual([
      { type: 'runtime', language: 'python', version: expect.stringMatching(/^3\./) },
      { type: 'stage', stage: 'run' },
      { type: 'data', stream: 'stdout', data: 'hi\n' },
      { type: 'exit', stage: 'run', code: 0, signal: null }
    ])
  })

  it('passes on what is typed, and answers while the program runs', async () => {
    const client = await init('name = input("who? ")\nprint("hello", name, flush=True)\nprint(int(input()) * 2)', { stdin: 'discarded\n' })
    await client.printed('who? ')
    client.stdin('ü\n')
    await client.printed('hello ü')
    client.stdin('21\n')
    await client.closed
    expect(client.output()).toBe('who? hello ü\n42\n')
  })

  it('keeps what is typed before the program has begun', async () => {
    const client = await init('print(input())')
    client.stdin('early\n')
    expect(await client.closed).toEqual([4999, 'Job Completed'])
    expect(client.output()).toBe('early\n')
  })

  it('honours a signal that the program handles', async () => {
    const client = await init('import time\ntry:\n  print("ready", flush=True); time.sleep(60)\nexcept KeyboardInterrupt:\n  print("interrupted"); exit(5)')
    await client.printed('ready\n')
    client.send({ type: 'signal', signal: 'SIGINT' })
    await client.closed
    expect(client.output()).toBe('ready\ninterrupted\n')
    expect(client.messages.at(-1)).toEqual({ type: 'exit', stage: 'run', code: 5, signal: null })
  })

  it('honours SIGKILL', async () => {
    const client = await init('import time\nprint("ready", flush=True); time.sleep(60)')
    await client.printed('ready')
    client.send({ type: 'signal', signal: 'SIGKILL' })
    expect(await client.closed).toEqual([4999, 'Job Completed'])
    expect(client.messages.at(-1)).toEqual({ type: 'exit', stage: 'run', code: null, signal: 'SIGKILL' })
  })

  it('keeps to the limits of a job', async () => {
    const client = await init('import time; time.sleep(60)', { run_timeout: 300 })
    expect(await client.closed).toEqual([4999, 'Job Completed'])
    expect(client.messages.at(-1)).toEqual({ type: 'exit', stage: 'run', code: null, signal: 'SIGKILL' })
  })

  it('kills the whole tree when the socket goes', async () => {
    const client = await init(`
import subprocess, time
subprocess.Popen(["sleep", "1000"], start_new_session=True)
print("ready", flush=True)
time.sleep(1000)`, { run_timeout: 60_000 })
    await client.printed('ready')
    client.socket.terminate()
    await waitFor('the kill', async () => await latestStatus() === 'killed')
    // The same owner has the same sandbox again.
    const { run } = await piston.execute({ language: 'python', files: [{ content: 'import os; print([p for p in os.listdir("/proc") if p.isdigit()])' }] })
    expect(run.stdout).toMatch(/^\['1', '\d+'\]\n$/)
  })

  it('tells the compiler\'s stage before the run\'s', async () => {
    const client = await init('#include <stdio.h>\nint main (void) { printf("hi\\n"); return 7; }', { language: 'c' })
    expect(await client.closed).toEqual([4999, 'Job Completed'])
    expect(client.messages.slice(1)).toEqual([
      { type: 'stage', stage: 'compile' },
      { type: 'exit', stage: 'compile', code: 0, signal: null },
      { type: 'stage', stage: 'run' },
      { type: 'data', stream: 'stdout', data: 'hi\n' },
      { type: 'exit', stage: 'run', code: 7, signal: null }
    ])
  })

  it('runs nothing that did not compile', async () => {
    const client = await init('int main (void) { return', { language: 'c' })
    expect(await client.closed).toEqual([4999, 'Job Completed'])
    expect(client.output()).toContain('error')
    expect(client.messages.at(-1)).toEqual({ type: 'exit', stage: 'compile', code: 1, signal: null })
  })

  it.each<[number, string, (client: JobClient) => void]>([
    [4000, 'Already Initialized', (client) => {
      client.send({ type: 'init', language: 'python', version: '*', files: [{ content: 'input()' }] })
      client.send({ type: 'init' })
    }],
    [4001, 'Initialization Timeout', () => undefined],
    [4003, 'Not yet initialized', (client) => client.stdin('x')],
    [4004, 'Can only write to stdin', (client) => {
      client.send({ type: 'init', language: 'python', version: '*', files: [{ content: 'input()' }] })
      client.send({ type: 'data', stream: 'stdout', data: 'x' })
    }],
    [4005, 'Invalid signal', (client) => {
      client.send({ type: 'init', language: 'python', version: '*', files: [{ content: 'input()' }] })
      client.send({ type: 'signal', signal: 'SIGNOT' })
    }]
  ])('closes with %i: %s', async (code, reason, drive) => {
    const client = await piston.connect()
    drive(client)
    expect(await client.closed).toEqual([code, reason])
  })

  it.each([
    ['language is required as a string', { language: undefined }],
    ['cobol-* runtime is unknown', { language: 'cobol' }],
    ['run_memory_limit cannot exceed the configured limit of 1073741824', { run_memory_limit: 2 ** 40 }]
  ])('tells an error and closes with 4002: %s', async (message, more) => {
    const client = await init('', more)
    expect(await client.closed).toEqual([4002, 'Notified Error'])
    expect(client.messages).toEqual([{ type: 'error', message }])
  })

  it('closes when the credential is revoked, and kills the job', async () => {
    const created = await fetch(`${berth.origin}/auth/keys`, {
      method: 'POST', headers: { 'X-API-Key': berth.key, 'Content-Type': 'application/json' }, body: JSON.stringify({ name: 'socket' })
    })
    const { id, key } = await created.json() as { id: string, key: string }
    const client = await piston.connect(key)
    client.send({ type: 'init', language: 'python', version: '*', files: [{ content: 'print("ready", flush=True); input()' }], run_timeout: 60_000 })
    await client.printed('ready')
    await fetch(`${berth.origin}/auth/keys/${id}`, { method: 'DELETE', headers: { 'X-API-Key': berth.key } })
    expect(await client.closed).toEqual([4002, 'Notified Error'])
    await waitFor('the kill', async () => await latestStatus() === 'killed')
  })

  it('refuses the handshake without a credential', async () => {
    const socket = new WebSocket(`${berth.origin.replace('http', 'ws')}/api/v2/connect`)
    const refusal = await new Promise<Error>((resolve) => socket.once('error', resolve))
    expect(refusal.message).toContain('401')
  })
})
