import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ProcessList, ProcessReport } from '../../../src/projects/processes/schemas.ts'
import { openTerminal } from '../../support/terminal-client.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startProjectsBerth, type Berth } from './berth.ts'
import { signUp, userWithKey, type User } from './user.ts'

let berth: Berth
let user: User
let id: string
beforeAll(async () => {
  berth = await startProjectsBerth({ PROJECT_MEMORY: '256m' })
  user = await signUp(berth.origin)
  ;({ id } = await user.createProject())
})
afterAll(async () => {
  await user.remove(id)
  await berth.stop()
})

const path = (process = ''): string => `/projects/${id}/processes${process === '' ? '' : `/${process}`}`

async function started (body: Record<string, unknown>): Promise<ProcessReport> {
  const answer = await user.call<ProcessReport>('POST', path(), body)
  expect(answer).toMatchObject({ status: 201 })
  return answer.body
}

const report = async (process: string): Promise<ProcessReport> => (await user.call<ProcessReport>('GET', path(process))).body
const list = async (): Promise<ProcessList> => (await user.call<ProcessList>('GET', path())).body
const remove = async (process: string): Promise<void> => expect((await user.call('DELETE', path(process))).status).toBe(204)
const logs = async (process: string, query = ''): Promise<string> => await (await user.send('GET', `${path(process)}/logs${query}`)).text()
const ended = async (process: string): Promise<ProcessReport> => await waitFor('its end', async () => {
  const found = await report(process)
  return found.status === 'exited' && found
})

const SERVER = 'python3 -u -c "import http.server; http.server.ThreadingHTTPServer((\'\', 8123), http.server.SimpleHTTPRequestHandler).serve_forever()"'

describe('a process of a project', () => {
  it('starts the project if need be, and is told with its tree, what it costs and where it listens', async () => {
    const process = await started({ cmd: `sh -c '${SERVER.replaceAll('\'', '\'\\\'\'')}; :'`, name: 'web', env: { A: 'b' } })
    expect(process).toMatchObject({ name: 'web', status: 'running', exitCode: null, signal: null, endedAt: null, restarts: 0, restart: 'never', keep: false, size: null, cwd: null })
    expect(Date.parse(process.startedAt!)).toBeGreaterThan(Date.now() - 60_000)
    expect(process).toMatchObject({ usage: { cpuTime: 0, memory: 0 }, ports: [], output: { first: 0, end: 0 }, tree: [{ pid: process.pid, parent: 1, name: 'bash' }] })
    expect((await report(process.id)).startedAt).toBe(process.startedAt)
    const serving = await waitFor('the port', async () => {
      const found = await report(process.id)
      return found.ports.length > 0 && found
    })
    expect(serving.ports).toEqual([8123])
    expect(serving.tree.find(({ ports }) => ports.includes(8123))).toMatchObject({ name: 'python3' })
    expect(serving.usage.memory).toBeGreaterThan(5_000_000)
    expect(serving.tree.map(({ pid }) => pid)).toContain(serving.pid)
    expect((await list()).processes).toMatchObject([{ id: process.id, ports: [8123] }])
    await remove(process.id)
    expect(await list()).toMatchObject({ processes: [], others: [] })
    expect(await user.call('DELETE', path(process.id))).toMatchObject({ status: 404, body: { code: 'PROCESS_NOT_FOUND' } })
  })

  it('starts the project again when the container has just ended without a word', async () => {
    for (const begin of [async () => await started({ cmd: 'sleep 1000' }), async () => await user.exec(id, 'true')]) {
      const { containerId } = await user.start(id)
      await berth.app.docker.containers.kill(containerId!)
      await begin()
      expect((await user.status(id)).containerId).not.toBe(containerId)
    }
  })

  it('gets its command, directory, environment and input', async () => {
    await user.exec(id, 'mkdir -p sub')
    const { id: process } = await started({ cmd: ['sh', '-c', 'pwd; echo "$1 $A $LANG"; cat; exit 4', 'sh', '$x y'], cwd: 'sub', env: { A: 'b' } })
    expect((await user.call('POST', `${path(process)}/input`, { input: 'one\n' })).status).toBe(204)
    expect((await user.call('POST', `${path(process)}/input`, { input: 'twö\n', end: true })).status).toBe(204)
    expect(await ended(process)).toMatchObject({ exitCode: 4, signal: null, pid: null })
    expect(await logs(process)).toBe('/workspace/sub\n$x y b C.UTF-8\none\ntwö\n')
    expect(await logs(process, '?since=34')).toBe('twö\n')
    expect(await user.call('POST', `${path(process)}/input`, { input: 'x' })).toMatchObject({ status: 409, body: { code: 'PROCESS_ENDED' } })
    await remove(process)
  })

  it('is followed as events, from where a client was cut off', async () => {
    const { id: process } = await started({ cmd: 'echo ä; read -r line; echo "got $line" >&2; exit 3' })
    const follow = async (headers: Record<string, string>) => (await user.send('GET', `${path(process)}/logs?follow=true`, undefined, { headers: { 'X-API-Key': user.key, Accept: 'text/event-stream', ...headers } })).body!.pipeThrough(new TextDecoderStream())
    const first = (await follow({})).getReader()
    let beginning = ''
    while (!beginning.includes('data:')) beginning += (await first.read()).value ?? ''
    expect(beginning).toBe(': still here\n\nevent: output\nid: 3\ndata: {"stream":"stdout","data":"ä\\n"}\n\n')
    await first.cancel()
    const second = await follow({ 'Last-Event-ID': '3' })
    await user.call('POST', `${path(process)}/input`, { input: 'it\n' })
    let rest = ''
    for await (const text of second) rest += text
    expect(rest).toBe(': still here\n\nevent: output\nid: 10\ndata: {"stream":"stderr","data":"got it\\n"}\n\nevent: exit\nid: 10\ndata: {"exitCode":3,"signal":null}\n\n')
    await remove(process)
  })

  it('is signalled, restarted and started again when it fails', async () => {
    const { id: process, pid } = await started({ cmd: 'echo here; exec sleep 1000' })
    expect((await user.call('POST', `${path(process)}/signal`, { signal: 'SIGUSR1' })).status).toBe(204)
    expect(await ended(process)).toMatchObject({ exitCode: null, signal: 'SIGUSR1' })
    expect(await user.call('POST', `${path(process)}/signal`, { signal: 'SIGUSR1' })).toMatchObject({ status: 409, body: { code: 'PROCESS_ENDED' } })
    expect((await user.call('POST', `${path(process)}/restart`)).status).toBe(200)
    const again = await waitFor('its restart', async () => {
      const found = await report(process)
      return found.status === 'running' && found.pid !== null && found
    })
    expect(again.pid).not.toBe(pid)
    expect(await logs(process)).toBe('here\nhere\n')
    await remove(process)

    const failing = await started({ cmd: 'exit 1', restart: 'on-failure' })
    await waitFor('restarts', async () => (await report(failing.id)).restarts >= 2)
    await remove(failing.id)
  })

  it('has a terminal for a socket that speaks as a terminal\'s does', async () => {
    const process = await started({ cmd: ['bash', '--norc', '--noprofile'], tty: true, size: { cols: 90, rows: 20 } })
    expect(process.size).toEqual({ cols: 90, rows: 20 })
    const url = `${berth.origin.replace('http', 'ws')}${path(process.id)}`
    const headers = { 'X-API-Key': user.key }
    const terminal = openTerminal(url, { headers })
    expect(await terminal.hello()).toEqual({ type: 'hello', terminal: process.id, seq: 0, replay: expect.any(Number), cols: 90, rows: 20 })
    terminal.type('stty size; echo "in $TERM"\n')
    await terminal.shows(/20 90\r\n/)
    await terminal.shows(/in xterm-256color/)
    const seq = terminal.position()
    await terminal.close()
    expect((await user.call('POST', `${path(process.id)}/resize`, { cols: 100, rows: 30 })).status).toBe(204)
    const again = openTerminal(`${url}?since=${seq}`, { headers })
    expect(await again.hello()).toMatchObject({ seq })
    again.type('stty size; exit 6\n')
    await again.shows(/30 100\r\n/)
    expect(again.text()).not.toContain('20 90')
    expect(await again.message('exit')).toEqual({ type: 'exit', code: 6 })
    expect((await again.closed).code).toBe(1000)
    expect(await ended(process.id)).toMatchObject({ exitCode: 6 })
    await remove(process.id)
  })

  it('names what a command has left running, which can be ended', async () => {
    const { left } = await user.exec(id, 'sleep 1006 & sleep 1007 &') as unknown as { left: Array<{ pid: number }> }
    expect(left).toHaveLength(2)
    const { others } = await list()
    expect(others.map(({ command }) => command.join(' ')).sort()).toEqual(['sleep 1006', 'sleep 1007'])
    expect(others.map(({ pid }) => pid).sort()).toEqual(left.map(({ pid }) => pid).sort())
    for (const other of others) await remove(other.id)
    expect((await list()).others).toEqual([])
    expect(await user.call('DELETE', path(others[0]!.id))).toMatchObject({ status: 404 })
  })

  it('names one whose first thread has ended, which can be ended all the same', async () => {
    const program = 'import ctypes, threading, time; threading.Thread(target=time.sleep, args=(1008,)).start(); ctypes.CDLL(None).pthread_exit(0)'
    const { left } = await user.exec(id, ['sh', '-c', `python3 -c '${program}' & while ! grep -q "^State:.Z" /proc/$!/status; do sleep 0.02; done`]) as unknown as { left: Array<{ pid: number }> }
    const { others } = await list()
    expect(others.map(({ pid }) => pid)).toEqual(left.map(({ pid }) => pid))
    await remove(others[0]!.id)
    expect((await list()).others).toEqual([])
  })

  it.each<[string, Record<string, unknown>, number, string]>([
    ['nothing', {}, 400, 'VALIDATION_FAILED'],
    ['an empty program', { cmd: [''] }, 400, 'BAD_REQUEST'],
    ['a program that is not there', { cmd: ['nosuch'] }, 400, 'PROCESS_START_FAILED'],
    ['a directory that is not there', { cmd: 'true', cwd: 'nosuch' }, 400, 'BAD_PATH'],
    ['a directory outside', { cmd: 'true', cwd: '../x' }, 400, 'BAD_PATH'],
    ['a service without a name', { cmd: 'true', keep: true }, 400, 'BAD_REQUEST'],
    ['what only a service can do', { cmd: 'true', keepAwake: true }, 400, 'BAD_REQUEST'],
    ['a size without a terminal', { cmd: 'true', size: { cols: 1, rows: 1 } }, 400, 'BAD_REQUEST'],
    ['no size that can be', { cmd: 'true', tty: true, size: { cols: 0, rows: 1 } }, 400, 'VALIDATION_FAILED'],
    ['a bad name of a variable', { cmd: 'true', env: { 'a b': 'c' } }, 400, 'BAD_REQUEST'],
    ['a NUL', { cmd: ['echo', 'a\0b'] }, 400, 'BAD_REQUEST'],
    ['too much', { cmd: 'x'.repeat(70_000) }, 413, 'TOO_LARGE'],
    ['an unknown policy', { cmd: 'true', restart: 'sometimes' }, 400, 'VALIDATION_FAILED']
  ])('is refused: %s', async (_name, body, status, code) => {
    expect(await user.call('POST', path(), body)).toMatchObject({ status, body: { code } })
    expect((await list()).processes).toEqual([])
  })

  it('refuses what no process can take', async () => {
    const { id: process } = await started({ cmd: 'exec sleep 1000' })
    for (const [call, body, status] of [['signal', { signal: 'SIGNOSUCH' }, 400], ['signal', {}, 400], ['resize', { cols: 80, rows: 24 }, 400], ['resize', { cols: 5000, rows: 24 }, 400], ['input', { input: 5 }, 400], ['input', { input: 'x'.repeat(300_000) }, 413]] as const) {
      expect({ call, body: JSON.stringify(body).slice(0, 50), status: (await user.call('POST', `${path(process)}/${call}`, body)).status }).toEqual({ call, body: JSON.stringify(body).slice(0, 50), status })
    }
    await remove(process)
    for (const [method, call, body] of [['POST', '/signal', { signal: 'SIGTERM' }], ['POST', '/restart', undefined], ['POST', '/input', { input: '' }], ['GET', '/logs', undefined], ['GET', '', undefined]] as const) {
      expect(await user.call(method, `${path(process)}${call}`, body)).toMatchObject({ status: 404, body: { code: 'PROCESS_NOT_FOUND' } })
    }
  })

  it('is nobody else\'s', async () => {
    const { id: process } = await started({ cmd: 'exec sleep 1000' })
    const other = await signUp(berth.origin)
    for (const [method, call, body] of [['POST', '', { cmd: 'true' }], ['GET', '', undefined], ['GET', `/${process}`, undefined], ['DELETE', `/${process}`, undefined], ['GET', `/${process}/logs`, undefined], ['POST', `/${process}/signal`, { signal: 'SIGKILL' }]] as const) {
      expect(await other.call(method, `${path()}${call}`, body)).toMatchObject({ status: 404, body: { code: 'PROJECT_NOT_FOUND' } })
      expect((await userWithKey(berth.origin, 'none').call(method, `${path()}${call}`, body)).status).toBe(401)
    }
    expect((await report(process)).status).toBe('running')
    await remove(process)
  })
})

describe('a service', () => {
  it('starts again with its project, under its id, until it is deleted', async () => {
    const service = await started({ cmd: 'echo up; exec sleep 1000', name: 'db', keep: true })
    expect(service).toMatchObject({ keep: true, restart: 'on-failure' })
    expect(await user.call('POST', path(), { cmd: 'true', name: 'db', keep: true })).toMatchObject({ status: 409, body: { code: 'PROCESS_EXISTS' } })
    await user.stop(id)
    expect(await list()).toMatchObject({ processes: [] })
    await user.start(id)
    const again = await waitFor('the service', async () => (await list()).processes[0])
    expect(again).toMatchObject({ id: service.id, name: 'db', status: 'running', keep: true, restarts: 0 })
    await remove(service.id)
    await user.stop(id)
    await user.start(id)
    // Whoever comes later would have been started by then as well.
    await started({ cmd: 'true' })
    expect((await list()).processes.map(({ name }) => name)).toEqual([null])
  })

  it('is deleted also while its project is stopped', async () => {
    const service = await started({ cmd: 'exec sleep 1000', name: 'gone', keep: true })
    await user.stop(id)
    await remove(service.id)
    expect((await user.call('DELETE', path(service.id))).status).toBe(404)
  })

  it('keeps its project awake if asked to', async () => {
    const { stopsAt: before } = await user.status(id)
    expect(before).toBeNull()
    const service = await started({ cmd: 'exec sleep 1000', name: 'awake', keep: true, keepAwake: true })
    const { stopsAt, lastActiveAt } = await user.status(id)
    expect(Date.parse(stopsAt!) - Date.parse(lastActiveAt)).toBe(24 * 3_600_000)
    await remove(service.id)
    const after = await user.status(id)
    expect(Date.parse(after.stopsAt!) - Date.parse(after.lastActiveAt)).toBe(600_000)
  })
})
