import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { attachProcess, controlProcess, killProcess, listProcesses } from '../../../src/sandbox/agent-client/processes.ts'
import type { StartRequest } from '../../../src/sandbox/agent-protocol.ts'
import { describeAgent } from '../../support/agent-suite.ts'
import { keptProcesses, namesOf } from '../../support/kept-processes.ts'
import { waitFor } from '../../support/wait-for.ts'

const KEPT_BYTES = 1024 ** 2

describeAgent('processes that PID 1 keeps', (suite) => {
  const { root, env } = suite
  const { startInit, connect, start, follow, kept, ended } = keptProcesses(suite)

  test('keeps what was printed, and how it ended, for whoever comes later', async () => {
    const init = await startInit()
    const first = await connect(init)
    const { pid } = await start(first.agent, 'one', 'pwd; echo error >&2; exit 3', { label: '{"name":"x"}' })
    expect(pid).toBeGreaterThan(1)
    await ended(first.agent, 'one')
    first.agent.close()
    await first.gone

    const { agent } = await connect(init)
    const { kept: [process], running } = await listProcesses(agent)
    expect(process).toMatchObject({ id: 'one', label: '{"name":"x"}', state: 'ended', pid: 0, exitCode: 3, signal: undefined, restarts: 0, size: undefined, restart: 'never' })
    expect(process!.endedAt).toBeGreaterThanOrEqual(process!.startedAt)
    expect(Math.abs(process!.startedAt - Date.now())).toBeLessThan(60_000)
    expect(running).toEqual([])
    const output = follow(agent, { id: 'one' })
    expect(await output.result).toEqual({ position: root().length + 7, exitCode: 3, signal: undefined })
    expect(output.text()).toBe(`${root()}\nerror\n`)
    expect([...output.streams]).toEqual(['stdout', 'stderr'])
    expect(output.positions).toEqual([0])
    const rest = follow(agent, { id: 'one', from: root().length + 1 })
    await rest.result
    expect([rest.text(), rest.positions]).toEqual(['error\n', [root().length + 1]])
  })

  test('belongs to no connection, and can be attached to by many', async () => {
    const init = await startInit()
    const first = await connect(init)
    await start(first.agent, 'cat', 'while read -r line; do echo "got $line"; done; echo over')
    follow(first.agent, { id: 'cat' })
    first.child.kill('SIGKILL')
    await first.gone
    const { agent } = await connect(init)
    const [one, two] = [follow(agent, { id: 'cat' }), follow(agent, { id: 'cat', closesInput: true })]
    one.sendInput(Buffer.from('a\n'))
    await Promise.all([one.shows('got a'), two.shows('got a')])
    two.sendInput(Buffer.from('b\n'))
    two.endInput()
    expect(await one.result).toMatchObject({ exitCode: 0 })
    expect(one.text()).toBe('got a\ngot b\nover\n')
  })

  test('has a terminal if asked to, in the size asked for', async () => {
    const { agent } = await connect(await startInit())
    await start(agent, 'tty', 'stty size; trap "stty size; exit 5" WINCH; echo ready; while :; do sleep 0.01; done', { size: { cols: 101, rows: 31 } })
    const output = follow(agent, { id: 'tty' })
    await output.shows('ready')
    await controlProcess(agent, { id: 'tty', size: { cols: 90, rows: 20 } })
    expect(await output.result).toMatchObject({ exitCode: 5 })
    expect(output.text()).toBe('31 101\r\nready\r\n20 90\r\n')
    expect(output.sizes).toEqual([{ cols: 101, rows: 31 }, { cols: 90, rows: 20 }])
    expect(await kept(agent, 'tty')).toMatchObject({ size: { cols: 90, rows: 20 } })
  })

  test('gives keys to the foreground of the terminal, and job control to a shell', async () => {
    const { agent } = await connect(await startInit())
    await start(agent, 'shell', '', { args: ['/bin/bash', '--norc', '--noprofile', '-i'], size: { cols: 80, rows: 24 }, env: { BERTH_PROCESS: 'shell', ...env(), PS1: 'ready ', TERM: 'dumb' } })
    const output = follow(agent, { id: 'shell' })
    await output.shows('ready')
    output.sendInput(Buffer.from('sleep 1000\n'))
    await waitFor('the job', async () => namesOf((await listProcesses(agent)).running).includes('sleep 1000') && (await kept(agent, 'shell'))?.isBusy)
    output.sendInput(Buffer.from('\x1a'))
    await waitFor('the shell', async () => !(await kept(agent, 'shell'))!.isBusy)
    output.sendInput(Buffer.from('fg\n'))
    await waitFor('the job', async () => (await kept(agent, 'shell'))!.isBusy)
    output.sendInput(Buffer.from('\x03'))
    output.sendInput(Buffer.from('echo $?; exit 7\n'))
    expect(await output.result).toMatchObject({ exitCode: 7 })
    expect(output.text()).toMatch(/\n130\r/)
    expect(output.text()).not.toContain('no job control')
  })

  test('is told of signals, which reach its group', async () => {
    const { agent } = await connect(await startInit())
    await start(agent, 'signalled', 'exec sleep 1000')
    await controlProcess(agent, { id: 'signalled', signal: 15 })
    expect(await ended(agent, 'signalled')).toMatchObject({ signal: 15, exitCode: undefined })
    await expect(controlProcess(agent, { id: 'signalled', signal: 15 })).rejects.toMatchObject({ code: 14 })
  })

  test('keeps the newest MiB, and tells where these begin', async () => {
    const { agent } = await connect(await startInit())
    await start(agent, 'much', 'seq -w 1 200000')
    await ended(agent, 'much')
    const output = follow(agent, { id: 'much', from: 0 })
    expect(await output.result).toMatchObject({ position: 1_400_000 })
    expect(output.positions).toEqual([1_400_000 - KEPT_BYTES])
    expect(output.text()).toHaveLength(KEPT_BYTES)
    expect(output.text().endsWith('199999\n200000\n')).toBe(true)
  })

  test('waits for those who want everything, and loses nothing of it', async () => {
    const { agent } = await connect(await startInit())
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => { release = resolve })
    let bytes = 0
    await start(agent, 'bulk', 'read -r go; seq -w 1 1000000', {})
    const slow = attachProcess(agent, { id: 'bulk', holds: true }, {
      onOutput: async (_stream, part) => {
        bytes += part.length
        await held
      }
    })
    slow.sendInput(Buffer.from('go\n'))
    // What is kept, what is on the way, and what a pipe takes: no more can be printed before somebody reads.
    await waitFor('the credit to be used up', () => bytes === 262_144)
    expect((await kept(agent, 'bulk'))!.output.end).toBeLessThan(262_144 * 2)
    expect((await kept(agent, 'bulk'))!.state).toBe('running')
    release()
    expect(await slow.result).toMatchObject({ exitCode: 0, position: 8_000_000 })
    expect(bytes).toBe(8_000_000)
  })

  test.each([['pipes', undefined], ['a terminal', { cols: 80, rows: 24 }]])('shows all of a flood on %s while its program goes on in silence', async (_what, size) => {
    const { agent } = await connect(await startInit())
    const { pid, startedAt } = await start(agent, 'flood', 'head -c 1000001 /dev/zero; exec sleep 1000', { size })
    const output = follow(agent, { id: 'flood', holds: true })
    await waitFor('all of it', () => output.text().length === 1_000_001)
    expect(await kept(agent, 'flood')).toMatchObject({ state: 'running', pid, startedAt, output: { end: 1_000_001 } })
  })

  test('does not wait for whoever only looks', async () => {
    const { agent } = await connect(await startInit())
    const positions: number[] = []
    await start(agent, 'bulk', 'read -r go; seq -w 1 1000000')
    const looking = attachProcess(agent, { id: 'bulk' }, { onPosition: (position) => positions.push(position), onOutput: async () => await ended(agent, 'bulk').then(() => undefined) })
    looking.sendInput(Buffer.from('go\n'))
    await looking.result
    expect(positions.length).toBeGreaterThan(1)
    expect(positions.at(-1)).toBeGreaterThan(0)
  })

  test('ends at the present end for those who only want what there is', async () => {
    const { agent } = await connect(await startInit())
    await start(agent, 'living', 'echo here; exec sleep 1000')
    await waitFor('output', async () => (await kept(agent, 'living'))?.output.end === 5)
    const output = follow(agent, { id: 'living', untilNow: true })
    expect(await output.result).toEqual({ position: 5, exitCode: undefined, signal: undefined })
    expect(output.text()).toBe('here\n')
  })

  test('kills what nobody keeps, with its descendants, if it is still the same', async () => {
    const init = await startInit()
    const { agent } = await connect(init)
    await start(agent, 'left', 'setsid env -u BERTH_PROCESS sh -c "sleep 1004; :" & exit 0')
    await ended(agent, 'left')
    const stray = await waitFor('the stray', async () => (await listProcesses(agent)).running.find(({ command }) => command[0] === 'sh'))
    await waitFor('its child', async () => namesOf((await listProcesses(agent)).running).includes('sleep 1004'))
    await expect(killProcess(agent, { pid: stray.pid, startTicks: stray.startTicks + 1, signal: 9 })).rejects.toMatchObject({ code: 7 })
    await killProcess(agent, { pid: stray.pid, startTicks: stray.startTicks, signal: 9 })
    await waitFor('their end', async () => (await listProcesses(agent)).running.length === 0)
  })

  test('says what it costs', async () => {
    const { agent } = await connect(await startInit())
    await start(agent, 'busy', 'while :; do :; done')
    const busy = await waitFor('CPU time', async () => (await listProcesses(agent)).running.find(({ owner, cpuMs }) => owner === 'busy' && cpuMs >= 50))
    expect(busy).toMatchObject({ parent: 1, owner: 'busy' })
    expect(busy.residentBytes).toBeGreaterThan(100_000)
    expect(busy.startTicks).toBeGreaterThan(0)
  })

  test.each<[string, Partial<StartRequest>, number, RegExp]>([
    ['a program that is not there', { args: ['/bin/nosuch'] }, 5, /^\/bin\/nosuch: No such file/],
    ['a directory that is not there', { cwd: 'nosuch' }, 7, /^working directory/],
    ['a directory outside', { cwd: '../..' }, 6, /^working directory/],
    ['no id', { id: '' }, 4, /not the fields of START/],
    ['a label without bounds', { label: 'x'.repeat(5000) }, 4, /not the fields of START/]
  ])('refuses %s', async (_name, request, code, message) => {
    const { agent } = await connect(await startInit())
    await expect(start(agent, 'id', 'true', request)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
    expect((await listProcesses(agent)).kept).toEqual([])
  })

  test('refuses an id twice, and what is not there', async () => {
    const { agent } = await connect(await startInit())
    await mkdir(join(root(), 'sub'))
    await start(agent, 'id', 'exec sleep 1000', { cwd: 'sub' })
    await expect(start(agent, 'id', 'true')).rejects.toMatchObject({ code: 13 })
    await expect(attachProcess(agent, { id: 'nosuch' }).result).rejects.toMatchObject({ code: 7 })
    await expect(controlProcess(agent, { id: 'nosuch', signal: 9 })).rejects.toMatchObject({ code: 7 })
    await expect(controlProcess(agent, { id: 'id', size: { cols: 1, rows: 1 } })).rejects.toMatchObject({ code: 16 })
    await expect(controlProcess(agent, { id: 'id', forget: true })).rejects.toMatchObject({ code: 14 })
  })

  test('forgets who ended longest ago when there are too many, and refuses when all run', async () => {
    const { agent } = await connect(await startInit())
    await start(agent, 'old', 'exit 0')
    await ended(agent, 'old')
    for (let number = 0; number < 63; number++) await start(agent, `n${number}`, 'exec sleep 1000')
    await start(agent, 'one more', 'exec sleep 1000')
    expect(await kept(agent, 'old')).toBeUndefined()
    await expect(start(agent, 'too many', 'true')).rejects.toMatchObject({ code: 3 })
  })

  test('is not reached by what hands over no stream, and others are heard all the same', async () => {
    const init = await startInit()
    const script = `import socket, os, array, sys
s = socket.socket(socket.AF_UNIX); s.connect(b'\\0berth-init')
s.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [os.open('/dev/zero', 0), os.open('/dev/null', 1)]))])
print(s.recv(1))
idle = [socket.socket(socket.AF_UNIX) for _ in range(5)]
for one in idle: one.connect(b'\\0berth-init')
print('idle', flush=True); sys.stdin.read()`
    const guest = spawn('nsenter', ['-t', String(init.pid), '-n', 'python3', '-c', script], { env: env(), stdio: ['pipe', 'pipe', 'inherit'] })
    let said = ''
    guest.stdout.setEncoding('utf8').on('data', (text: string) => { said += text })
    await waitFor('the guest', () => said.includes('idle'))
    expect(said).toBe("b''\nidle\n")
    const { agent } = await connect(init)
    expect(await listProcesses(agent)).toEqual({ kept: [], running: [] })
    guest.stdin.end()
    await once(guest, 'close')
  })
})
