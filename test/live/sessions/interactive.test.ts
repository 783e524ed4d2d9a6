import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDockerClient, endpointFromEnv, type DockerClient } from '../../../src/docker/index.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startBerth, type Berth } from '../support/berth.ts'
import { connect, type SessionClient } from './client.ts'

let berth: Berth
let docker: DockerClient
beforeAll(async () => {
  docker = createDockerClient(endpointFromEnv(process.env))
  berth = await startBerth({ SESSION_TIMEOUT_MAX: '90s', RUNTIMES: 'python,javascript,bun' }, { settings: { sessions: { graceMs: 700 } } })
})
afterAll(async () => {
  await berth.stop()
  await docker.close()
})

async function execute (body: Record<string, unknown>): Promise<SessionClient> {
  const client = await connect(berth)
  client.send({ type: 'execute', ...body })
  return client
}

async function accept (body: Record<string, unknown>): Promise<string> {
  const response = await berth.post({ ...body, interactive: true })
  expect(response.status).toBe(202)
  const answer = await response.json() as { sessionId: string, status: string, url: string }
  expect(answer).toEqual({ sessionId: expect.any(String), status: 'queued', url: `/api/execute/${answer.sessionId}` })
  return answer.sessionId
}

const sessionOf = async (id: string) => await (await berth.get(`/api/sessions/${id}`)).json() as Record<string, unknown>

async function commands (): Promise<string[]> {
  const containers = await docker.containers.list({ filters: { label: [`berth.instance=${berth.instanceId}`] } })
  const tops = await Promise.all(containers.map(async ({ Id }) => await docker.containers.top(Id).catch(() => ({ Processes: [] }))))
  return tops.flatMap(({ Processes }) => Processes.map((row) => row.at(-1) ?? ''))
}

const twoQuestions = 'a = input("first? ")\nprint("got", a)\nb = input("second? ")\nprint("and", b)'

describe('a conversation over one socket', () => {
  it('asks, is answered, asks again, and closes after the result', async () => {
    const client = await execute({ language: 'python', code: twoQuestions })
    await client.until('the first question', () => client.count('input_required') === 1)
    expect(client.output()).toBe('first? ')
    client.send({ type: 'input', data: 'one\n' })
    await client.until('the second question', () => client.count('input_required') === 2)
    expect(client.output()).toBe('first? got one\nsecond? ')
    client.send({ type: 'input', data: 'two\n' })
    expect(await client.closed).toBe(1000)
    expect(client.output()).toBe('first? got one\nsecond? and two\n')
    expect(client.messages.map(({ type }) => type).filter((type) => type !== 'output'))
      .toEqual(['connected', 'stage', 'input_required', 'input_required', 'execution_complete'])
    expect(client.messages.flatMap(({ seq }) => seq ?? [])).toEqual(Array.from({ length: client.lastSeq() }, (_, i) => i + 1))
    const result = client.last('execution_complete')
    expect(result).toMatchObject({ status: 'completed', exitCode: 0, signal: null, language: 'python', executionTime: expect.any(Number) })
    expect(result).not.toHaveProperty('output')
  })

  it('ends input, so that the program sees the end of the file', async () => {
    const client = await execute({ language: 'python', code: 'import sys\nprint(len(sys.stdin.read()))' })
    client.send({ type: 'input', data: 'grün' })
    client.send({ type: 'eof' })
    expect(await client.closed).toBe(1000)
    expect(client.output()).toBe('4\n')
    expect(client.count('error')).toBe(0)
  })

  it('keeps what is typed before the program has started', async () => {
    const client = await execute({ language: 'python', code: 'print(input() + input())', input: 'a\n' })
    client.send({ type: 'input', data: 'b\n' })
    expect(await client.closed).toBe(1000)
    expect(client.output()).toBe('ab\n')
  })

  it('passes signals on', async () => {
    const client = await execute({
      language: 'python',
      code: 'import signal\nsignal.signal(signal.SIGUSR1, lambda *_: print("usr1", flush=True))\nprint("ready", flush=True)\nwhile True: signal.pause()'
    })
    await client.until('the handler to be set', () => client.output() === 'ready\n')
    client.send({ type: 'signal', signal: 'SIGUSR1' })
    await client.until('the handler\'s word', () => client.output() === 'ready\nusr1\n')
    client.send({ type: 'signal', signal: 'SIGINT' })
    expect(await client.closed).toBe(1000)
    expect(client.last('execution_complete')).toMatchObject({ status: 'runtime_error' })
    expect(client.output('stderr')).toContain('KeyboardInterrupt')
  })

  it('kills the whole process tree', async () => {
    const client = await execute({ language: 'python', code: 'import subprocess\nsubprocess.Popen(["sleep", "4242"], start_new_session=True)\nprint("up", flush=True)\ninput()' })
    await client.until('the child to be started', () => client.output() === 'up\n')
    client.send({ type: 'kill' })
    expect(await client.closed).toBe(1000)
    expect(client.last('execution_complete')).toMatchObject({ status: 'killed' })
    expect((await commands()).filter((command) => command.includes('4242'))).toEqual([])
    expect(await sessionOf(await client.sessionId())).toMatchObject({ status: 'killed', message: 'Killed by a client' })
  })

  it('ends at its time limit, which counts the time of waiting', async () => {
    const client = await execute({ language: 'python', code: 'input("still there? ")', timeout: 500 })
    expect(await client.closed).toBe(1000)
    expect(client.output()).toBe('still there? ')
    expect(client.last('execution_complete')).toMatchObject({ status: 'timeout' })
  })

  it('never splits a character between two messages', async () => {
    const client = await execute({ language: 'python', code: 'import os, time\nfor byte in "€𝄞é".encode():\n  os.write(1, bytes([byte]))\n  time.sleep(0.03)\nos.write(1, b"\\xe2\\x82")' })
    expect(await client.closed).toBe(1000)
    expect(client.output()).toBe('€𝄞é\ufffd')
    expect(client.messages.filter(({ type }) => type === 'output').map(({ data }) => data).slice(0, 3)).toEqual(['€', '𝄞', 'é'])
  })
})

describe('waiting for input', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['Python\'s input()', { language: 'python', code: 'print(input("? "))' }, 'x'],
    ['Node\'s readline', { language: 'javascript', code: 'const rl = require("node:readline").createInterface({ input: process.stdin, output: process.stdout })\nrl.question("? ", (a) => { console.log(a); process.exit() })' }, 'x'],
    ['Bun\'s console', { language: 'bun', code: 'process.stdout.write("? ")\nfor await (const line of console) { console.log(line); break }' }, 'x'],
    ['Bash\'s read in a child process', { language: 'python', code: 'import subprocess\nsubprocess.run(["bash", "-c", "printf \'? \'; read a; echo $a"])' }, 'x'],
    ['a Python child process', { language: 'python', code: 'import subprocess, sys\nsubprocess.run([sys.executable, "-c", "print(input(\'? \'))"])' }, 'x']
  ])('is seen in %s, once', async (_name, body, answer) => {
    const client = await execute(body)
    await client.until('the question', () => client.count('input_required') === 1)
    expect(client.output()).toContain('? ')
    client.send({ type: 'input', data: `${answer}\n` })
    expect(await client.closed).toBe(1000)
    expect(client.output()).toContain(answer)
    expect(client.count('input_required')).toBe(1)
    expect(client.last('execution_complete')).toMatchObject({ status: 'completed' })
  })

  it.each<[string, Record<string, unknown>]>([
    ['sleeping Python', { language: 'python', code: 'import time\ntime.sleep(1)' }],
    ['busy Python', { language: 'python', code: 'import time\nend = time.time() + 1\nwhile time.time() < end: pass' }],
    ['a Node timer', { language: 'javascript', code: 'setTimeout(() => {}, 1000)' }],
    ['a Bun timer', { language: 'bun', code: 'await Bun.sleep(1000)' }],
    ['Python waiting for a socket', { language: 'python', code: 'import socket\ns, _ = socket.socketpair()\ns.settimeout(1)\ntry: s.recv(1)\nexcept TimeoutError: pass' }],
    ['Python waiting for a child', { language: 'python', code: 'import subprocess\nsubprocess.run(["sleep", "1"], stdin=subprocess.DEVNULL)' }]
  ])('is not reported for %s', async (_name, body) => {
    const client = await execute(body)
    expect(await client.closed).toBe(1000)
    expect(client.last('execution_complete')).toMatchObject({ status: 'completed' })
    expect(client.count('input_required')).toBe(0)
  })
})

describe('a session that was begun by POST', () => {
  it('replays what was before for whoever joins, and tells several at once', async () => {
    const id = await accept({ language: 'python', code: twoQuestions })
    const first = await connect(berth, `/api/execute/${id}`)
    await first.until('the first question', () => first.count('input_required') === 1)
    first.send({ type: 'input', data: 'one\n' })
    await first.until('the second question', () => first.count('input_required') === 2)
    const second = await connect(berth, `/api/execute/${id}`)
    await second.until('the replay, and the question that is open', () => second.count('input_required') === 1)
    expect(second.output()).toBe(first.output())
    second.send({ type: 'input', data: 'two\n' })
    expect(await Promise.all([first.closed, second.closed])).toEqual([1000, 1000])
    expect(first.output()).toBe('first? got one\nsecond? and two\n')
    expect(second.output()).toBe(first.output())
  })

  it('goes on after a lost socket, without what the client has', async () => {
    const id = await accept({ language: 'python', code: twoQuestions })
    const before = await connect(berth, `/api/execute/${id}`)
    await before.until('the first question', () => before.count('input_required') === 1)
    before.socket.terminate()
    const after = await connect(berth, `/api/execute/${id}?since=${before.lastSeq()}`)
    await after.until('the question again', () => after.count('input_required') === 1)
    expect(after.output()).toBe('')
    after.send({ type: 'input', data: 'one\n' })
    after.send({ type: 'input', data: 'two\n' })
    expect(await after.closed).toBe(1000)
    expect(before.output() + after.output()).toBe('first? got one\nsecond? and two\n')
  })

  it('is killed when everybody has been gone for the grace period', async () => {
    const id = await accept({ language: 'python', code: 'input()', timeout: 80_000 })
    const client = await connect(berth, `/api/execute/${id}`)
    await client.until('the program to wait', () => client.count('input_required') === 1)
    client.socket.terminate()
    await waitFor('the session to be killed', async () => (await sessionOf(id)).status === 'killed')
    expect(await sessionOf(id)).toMatchObject({ message: 'Nobody was connected for 700 ms', finishedAt: expect.any(String) })
  })

  it('is kept by who polls its log, and answers messages without a socket', async () => {
    const id = await accept({ language: 'python', code: twoQuestions })
    const say = async (message: object): Promise<number> => (await fetch(`${berth.origin}/api/sessions/${id}/messages`, {
      method: 'POST', headers: { 'X-API-Key': berth.key, 'Content-Type': 'application/json' }, body: JSON.stringify(message)
    })).status
    const printed = async (): Promise<string> => {
      const { logs } = await (await berth.get(`/api/sessions/${id}/logs`)).json() as { logs: Array<{ data: string }> }
      return logs.map(({ data }) => data).join('')
    }
    await waitFor('the first question', async () => await printed() === 'first? ')
    const asked = performance.now()
    // Longer than the grace period: asking is what keeps it.
    await waitFor('more than the grace period to pass', async () => await printed() !== '' && performance.now() - asked > 1_000)
    expect(await say({ type: 'input', data: 'one\ntwo\n' })).toBe(204)
    await waitFor('the end', async () => (await sessionOf(id)).status === 'completed')
    expect(await printed()).toBe('first? got one\nsecond? and two\n')
    expect(await say({ type: 'input', data: 'late\n' })).toBe(409)
  })
})

describe('the event stream', () => {
  async function events (response: Response): Promise<Array<{ event: string, id: string | undefined, data: Record<string, unknown> }>> {
    const text = await response.text()
    return text.split('\n\n').filter((block) => block.includes('event: ')).map((block) => ({
      event: /^event: (.*)$/m.exec(block)?.[1] ?? '',
      id: /^id: (.*)$/m.exec(block)?.[1],
      data: JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? '') as Record<string, unknown>
    }))
  }

  it('streams a run with its messages\' names and numbers', async () => {
    const response = await berth.post({ language: 'python', code: 'import sys\nprint("out")\nprint("err", file=sys.stderr)' }, {
      headers: { 'X-API-Key': berth.key, 'Content-Type': 'application/json', Accept: 'text/event-stream' }
    })
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/)
    expect(response.headers.get('x-request-id')).toBeTruthy()
    const seen = await events(response)
    const output = seen.filter(({ event }) => event === 'output')
    expect(seen.map(({ event }) => event)).toEqual(['connected', 'stage', ...output.map(() => 'output'), 'execution_complete'])
    expect(output.map(({ id, data }) => [id, data.seq])).toEqual(output.map((_event, i) => [String(i + 1), i + 1]))
    const text = (stream: string): unknown => output.filter(({ data }) => data.stream === stream).map(({ data }) => data.data).join('')
    expect([text('stdout'), text('stderr')]).toEqual(['out\n', 'err\n'])
    expect(seen.at(-1)?.data).toMatchObject({ type: 'execution_complete', status: 'completed' })
  })

  it('takes its run along when the client goes', async () => {
    const controller = new AbortController()
    const response = await berth.post({ language: 'python', code: 'import time\nprint("up", flush=True)\ntime.sleep(50)', timeout: 60_000 }, {
      headers: { 'X-API-Key': berth.key, 'Content-Type': 'application/json', Accept: 'text/event-stream' }, signal: controller.signal
    })
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    while (!text.includes('"up')) {
      const piece = await reader?.read()
      if (piece?.value === undefined) throw new Error(`the stream ended: ${text}`)
      text += piece.value
    }
    const id = /"sessionId":"([^"]+)"/.exec(text)?.[1] ?? ''
    controller.abort()
    await waitFor('the run to be killed', async () => (await sessionOf(id)).status === 'killed')
    expect(await sessionOf(id)).toMatchObject({ message: 'The client went away' })
  })

  it('resumes after the last event that a client has', async () => {
    const { sessionId } = await berth.execute({ language: 'python', code: 'import os, time\nos.write(1, b"a")\ntime.sleep(0.1)\nos.write(1, b"b")' })
    const response = await fetch(`${berth.origin}/api/execute/${sessionId}`, { headers: { 'X-API-Key': berth.key, 'Last-Event-ID': '1' } })
    const seen = await events(response)
    expect(seen.filter(({ event }) => event === 'output').map(({ data }) => data.data)).toEqual(['b'])
    expect(seen.at(-1)?.event).toBe('execution_complete')
  })
})
