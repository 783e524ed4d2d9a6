import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitFor } from '../../support/wait-for.ts'
import { startBerth, type Berth } from '../support/berth.ts'
import { connect } from './client.ts'

let berth: Berth
beforeAll(async () => { berth = await startBerth({ RUNTIMES: 'python,javascript' }, { settings: { sessions: { logBytes: 65_536 } } }) })
afterAll(async () => await berth.stop())

interface Listed { sessions: Array<Record<string, unknown>>, nextCursor: string | null }

const json = async (route: string) => await (await berth.get(route)).json() as Record<string, unknown>

async function signUp (): Promise<Record<string, string>> {
  const response = await fetch(`${berth.origin}/auth/signup`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Origin: berth.origin },
    body: JSON.stringify({ email: `other${Math.random()}@example.test`, password: 'correct horse battery' })
  })
  expect(response.status).toBe(201)
  return { Cookie: response.headers.get('set-cookie')?.split(';')[0] ?? '', Origin: berth.origin }
}

const remove = async (id: string): Promise<number> =>
  (await fetch(`${berth.origin}/api/sessions/${id}`, { method: 'DELETE', headers: { 'X-API-Key': berth.key } })).status

describe('the record of a run', () => {
  it('is there as soon as the answer is, with its output', async () => {
    const answer = await berth.execute({ language: 'python', code: 'import sys\nprint("grün")\nprint("rot", file=sys.stderr)\nsys.exit(3)' })
    const { sessionId } = answer
    const session = await json(`/api/sessions/${sessionId}`)
    expect(session).toMatchObject({
      sessionId,
      language: 'python',
      interactive: false,
      status: 'runtime_error',
      exitCode: 3,
      signal: null,
      message: null,
      logTruncated: false,
      executionTime: answer.executionTime,
      result: { status: 'runtime_error', errorKind: 'runtime', truncated: { output: false, error: false } }
    })
    expect(session.result).not.toHaveProperty('output')
    const { logs, nextCursor } = await json(`/api/sessions/${sessionId}/logs`) as { logs: Array<{ seq: number, stream: string, stage: string, data: string }>, nextCursor: null }
    expect(logs.filter(({ stream }) => stream === 'stdout').map(({ data }) => data).join('')).toBe('grün\n')
    expect(logs.filter(({ stream }) => stream === 'stderr').map(({ data }) => data).join('')).toBe('rot\n')
    expect(nextCursor).toBeNull()
    const after = await json(`/api/sessions/${sessionId}/logs?since=${logs[0]?.seq}`) as { logs: unknown[] }
    expect(after.logs).toEqual(logs.slice(1))
  })

  it('is found in the list by page, status and language', async () => {
    const ids: unknown[] = []
    for (const code of ['1', '2', 'raise SystemExit(1)']) ids.unshift((await berth.execute({ language: 'python', code })).sessionId)
    const first = await json('/api/sessions?limit=2') as unknown as Listed
    const second = await json(`/api/sessions?limit=2&cursor=${first.nextCursor}`) as unknown as Listed
    expect([...first.sessions, ...second.sessions].map(({ sessionId }) => sessionId).slice(0, 3)).toEqual(ids)
    const failed = await json('/api/sessions?status=runtime_error&language=python') as unknown as Listed
    expect(failed.sessions[0]?.sessionId).toBe(ids[0])
    expect(failed.sessions.every(({ status }) => status === 'runtime_error')).toBe(true)
    expect((await json('/api/sessions?language=javascript') as unknown as Listed).sessions).toEqual([])
    expect((await berth.get('/api/sessions?cursor=nonsense')).status).toBe(400)
  })

  it('is cut at its limit, and says so', async () => {
    const { sessionId, output } = await berth.execute({ language: 'python', code: 'import sys, time\nfor _ in range(8):\n  sys.stdout.write("x" * 20000)\n  sys.stdout.flush()\n  time.sleep(0.05)' })
    expect(output).toHaveLength(160_000)
    const { logs } = await json(`/api/sessions/${sessionId}/logs`) as { logs: Array<{ data: string }> }
    const recorded = logs.map(({ data }) => data).join('').length
    expect(recorded).toBeGreaterThan(0)
    expect(recorded).toBeLessThanOrEqual(64 * 1024)
    expect(await json(`/api/sessions/${sessionId}`)).toMatchObject({ logTruncated: true, status: 'completed' })
  })

  it('is its owner\'s alone', async () => {
    const { sessionId } = await berth.execute({ language: 'python', code: '1' })
    // Whoever signs up first owns what was there before, the key included.
    await signUp()
    const headers = await signUp()
    const status = async (route: string, init: RequestInit = {}): Promise<number> =>
      (await fetch(berth.origin + route, { ...init, headers: { ...headers, ...init.headers as Record<string, string> } })).status
    expect(await status(`/api/sessions/${sessionId}`)).toBe(404)
    expect(await status(`/api/sessions/${sessionId}/logs`)).toBe(404)
    expect(await status(`/api/sessions/${sessionId}`, { method: 'DELETE' })).toBe(404)
    expect(await status(`/api/sessions/${sessionId}/messages`, { method: 'POST', body: '{"type":"eof"}', headers: { 'Content-Type': 'application/json' } })).toBe(404)
    const client = await connect(berth, `/api/execute/${sessionId}`, headers)
    expect(await client.closed).toBe(4404)
    expect(((await (await fetch(`${berth.origin}/api/sessions`, { headers })).json()) as Listed).sessions).toEqual([])
  })
})

describe('DELETE', () => {
  it('kills a run that somebody waits for', async () => {
    const running = berth.execute({ language: 'python', code: 'import time\ntime.sleep(50)', timeout: 60_000 })
    const id = await waitFor('the run to be listed', async () => {
      const { sessions } = await json('/api/sessions?status=running') as unknown as Listed
      return sessions[0]?.sessionId as string | undefined
    })
    expect(await remove(id)).toBe(204)
    expect(await running).toMatchObject({ status: 'killed', signal: 'SIGKILL' })
    expect(await remove(id)).toBe(204)
    expect(await remove('00000000-0000-4000-8000-000000000000')).toBe(404)
  })
})

describe('a socket', () => {
  it('replays a run that has ended', async () => {
    const { sessionId } = await berth.execute({ language: 'python', code: 'print("before")' })
    const client = await connect(berth, `/api/execute/${sessionId}`)
    expect(await client.closed).toBe(1000)
    expect(client.output()).toBe('before\n')
    expect(client.messages[0]).toEqual({ type: 'connected', sessionId, status: 'completed' })
    expect(client.last('execution_complete')).toMatchObject({ sessionId, status: 'completed', exitCode: 0 })
  })

  it('is closed with what its refusal means', async () => {
    expect(await (await connect(berth, '/api/execute', {})).closed).toBe(4401)
    expect(await (await connect(berth, '/api/execute', { 'X-API-Key': 'brt_wrong' })).closed).toBe(4401)
    expect(await (await connect(berth, '/api/execute/no-such-session')).closed).toBe(4404)
    for (const message of ['no json', '{"type":"input","data":"x"}', '{"type":"execute","language":"python","code":"","bogus":1}', '{"type":"execute","language":"cobol","code":""}']) {
      const client = await connect(berth)
      client.socket.send(message)
      expect(await client.closed).toBe(1008)
      expect(client.count('error')).toBe(1)
    }
  })

  it('forgives some wrong messages, and not more', async () => {
    const client = await connect(berth)
    client.send({ type: 'execute', language: 'python', code: 'print("heard", input())' })
    for (const message of ['[]', '{"type":"signal","signal":"SIGNOTHING"}', '{"type":"input"}']) client.socket.send(message)
    client.socket.send(Buffer.from('binary'))
    await client.until('the complaints', () => client.count('error') === 4)
    client.send({ type: 'input', data: 'you\n' })
    expect(await client.closed).toBe(1000)
    expect(client.output()).toBe('heard you\n')

    const stubborn = await connect(berth)
    stubborn.send({ type: 'execute', language: 'python', code: 'input()' })
    for (let i = 0; i < 40; i++) stubborn.socket.send('x')
    expect(await stubborn.closed).toBe(1008)
  })

  it('is closed at once when its key is deleted', async () => {
    const created = await fetch(`${berth.origin}/auth/keys`, {
      method: 'POST', headers: { 'X-API-Key': berth.key, 'Content-Type': 'application/json' }, body: '{"name":"short-lived"}'
    })
    const { id, key } = await created.json() as { id: string, key: string }
    const client = await connect({ origin: berth.origin, key })
    client.send({ type: 'execute', language: 'python', code: 'input()' })
    await client.until('the program to wait', () => client.count('input_required') === 1)
    await fetch(`${berth.origin}/auth/keys/${id}`, { method: 'DELETE', headers: { 'X-API-Key': berth.key } })
    expect(await client.closed).toBe(4401)
    expect(await remove(await client.sessionId())).toBe(204)
  })

  it('that reads nothing holds up neither a flood nor who reads', async () => {
    const response = await berth.post({ language: 'python', code: 'input()\nimport sys\nfor _ in range(8): sys.stdout.write("x" * 1_000_000)\nprint("end")', interactive: true, outputLimit: 16_000_000 })
    const { sessionId } = await response.json() as { sessionId: string }
    const deaf = await connect(berth, `/api/execute/${sessionId}`)
    deaf.socket.pause()
    const client = await connect(berth, `/api/execute/${sessionId}`)
    await client.until('the program to wait', () => client.count('input_required') === 1)
    client.send({ type: 'input', data: 'go\n' })
    expect(await client.closed).toBe(1000)
    expect(client.output()).toHaveLength(8_000_004)
    deaf.socket.resume()
    expect(await deaf.closed).toBe(1000)
    expect(deaf.output()).toBe(client.output())
  })
})

describe('POST /api/run-backend', () => {
  it('starts a program with its own limits and tells it line by line', async () => {
    const response = await fetch(`${berth.origin}/api/run-backend`, {
      method: 'POST',
      headers: { 'X-API-Key': berth.key, 'Content-Type': 'application/json' },
      body: JSON.stringify({ language: 'node', code: 'console.log("one\\ntwo"); console.error("bad"); process.stdout.write("three"); setTimeout(() => process.exit(2), 1_000)', userContext: { userId: 'u', roomId: 'r' } })
    })
    expect(response.status).toBe(200)
    const { sessionId, containerId, status } = await response.json() as { sessionId: string, containerId: string, status: string }
    expect(status).toBe('running')
    const client = await connect(berth, `/api/run-backend/ws/${sessionId}`)
    await client.until('the program to print', () => client.messages.some(({ level }) => level === 'info'))
    const { HostConfig } = await berth.app.docker.containers.inspect(containerId) as unknown as { HostConfig: { Memory: number, NanoCpus: number } }
    expect([HostConfig.Memory, HostConfig.NanoCpus]).toEqual([512 * 1024 ** 2, 0.5e9])
    expect(await client.closed).toBe(1000)
    const timestamp = expect.stringMatching(/^\d{4}-.*Z$/)
    expect(client.messages[0]).toEqual({ type: 'connected', sessionId, timestamp })
    const lines = (level: string): unknown[] => client.messages.filter((message) => message.level === level).map(({ message }) => message)
    expect([lines('info'), lines('error')]).toEqual([['one', 'two', 'three'], ['bad']])
    expect(client.messages.at(-1)).toEqual({ type: 'execution_complete', status: 'failed', timestamp })
    expect(await json(`/api/sessions/${sessionId}`)).toMatchObject({ status: 'runtime_error', exitCode: 2 })
  })

  it('gives the sandbox back with its usual limits', async () => {
    await berth.execute({ language: 'javascript', code: '1' })
    const containers = await berth.app.docker.containers.list({ filters: { label: [`berth.instance=${berth.instanceId}`, 'berth.runtime=javascript'] } })
    const limits = await Promise.all(containers.map(async ({ Id }) => (await berth.app.docker.containers.inspect(Id) as unknown as { HostConfig: { NanoCpus: number } }).HostConfig.NanoCpus))
    expect(new Set(limits)).toEqual(new Set([1e9]))
  })
})
