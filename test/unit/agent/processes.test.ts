import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { connectAgent, type AgentConnection } from '../../../src/sandbox/agent-client/connection.ts'
import { attachProcess, controlProcess, followProcesses, killProcess, listProcesses, startProcess, type ProcessAttachment } from '../../../src/sandbox/agent-client/processes.ts'
import type { AttachRequest, KeptProcess, RunningProcess, ScreenSize, StartRequest } from '../../../src/sandbox/agent-protocol.ts'
import { describeAgent } from '../../support/agent-suite.ts'
import { waitFor } from '../../support/wait-for.ts'

const KEPT_BYTES = 1024 ** 2

describeAgent('processes that PID 1 keeps', ({ binary, root, env }) => {
  const cleanUps: Array<() => Promise<unknown>> = []
  afterEach(async () => await Promise.all(cleanUps.splice(0).map(async (cleanUp) => await cleanUp())))

  /** PID 1 of namespaces of its own, as in a sandbox. */
  async function startInit () {
    const unshare = spawn('unshare', ['--pid', '--net', '--fork', '--kill-child', '--mount-proc', binary(), 'init', '--root', root()], { env: env(), stdio: ['ignore', 'inherit', 'inherit'] })
    const ended = once(unshare, 'close').then(([code]) => code as number)
    const pid = await waitFor('PID 1', async () => {
      const child = Number(await readFile(`/proc/${unshare.pid}/task/${unshare.pid}/children`, 'utf8'))
      const sockets = child > 0 ? await readFile(`/proc/${child}/net/unix`, 'utf8').catch(() => '') : ''
      return sockets.includes('@berth-init') && child
    })
    cleanUps.push(async () => {
      // All of its namespace are gone before it is.
      if (unshare.exitCode === null) process.kill(pid, 'SIGKILL')
      await ended
    })
    return { pid, ended }
  }

  async function connect ({ pid }: { pid: number }) {
    const child = spawn('nsenter', ['-t', String(pid), '-n', binary(), 'connect'], { env: env(), stdio: 'pipe' })
    const agent = await connectAgent({ stdin: child.stdin, stdout: child.stdout, destroy: () => child.stdin.end() })
    const gone = once(child, 'close')
    cleanUps.push(async () => {
      agent.close()
      child.kill('SIGKILL')
      await gone
    })
    return { agent, child, gone }
  }

  const start = async (agent: AgentConnection, id: string, command: string, more: Partial<StartRequest> = {}) =>
    await startProcess(agent, { id, label: '{}', restart: 'never', args: ['/bin/sh', '-c', command], env: { BERTH_PROCESS: id, ...env() }, ...more })

  function follow (agent: AgentConnection, request: AttachRequest) {
    let text = ''
    const positions: number[] = []
    const sizes: ScreenSize[] = []
    const streams = new Set<string>()
    const attachment: ProcessAttachment = attachProcess(agent, request, {
      onPosition: (position) => positions.push(position),
      onSize: (size) => sizes.push(size),
      onOutput: (stream, bytes) => {
        streams.add(stream)
        text += bytes.toString('latin1')
      }
    })
    return { ...attachment, text: () => text, positions, sizes, streams, shows: async (part: string) => await waitFor(`${part} in ${text}`, () => text.includes(part)) }
  }

  const kept = async (agent: AgentConnection, id: string): Promise<KeptProcess | undefined> => (await listProcesses(agent)).kept.find((process) => process.id === id)
  const ended = async (agent: AgentConnection, id: string): Promise<KeptProcess> => await waitFor(`the end of ${id}`, async () => {
    const found = await kept(agent, id)
    return found?.state === 'ended' && found
  })
  const namesOf = (running: readonly RunningProcess[]): string[] => running.map(({ command }) => command.join(' '))

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

  test('is ended with its whole tree', async () => {
    const { agent } = await connect(await startInit())
    await start(agent, 'tree', '(setsid sh -c "trap \'\' HUP TERM; sleep 1000; sleep 1000" &) ; trap "" TERM; (sleep 1001 & sleep 1002); wait')
    await start(agent, 'other', 'exec sleep 1003')
    await waitFor('the tree', async () => namesOf((await listProcesses(agent)).running).filter((name) => name.startsWith('sleep')).length === 4)
    const { running } = await listProcesses(agent)
    expect(new Set(running.map(({ owner }) => owner))).toEqual(new Set(['tree', 'other']))
    await controlProcess(agent, { id: 'tree', stopMs: 50 })
    expect(await ended(agent, 'tree')).toMatchObject({ signal: 9, exitCode: undefined })
    expect(namesOf((await listProcesses(agent)).running)).toEqual(['sleep 1003'])
  })

  test('has time to end in order', async () => {
    const { agent } = await connect(await startInit())
    await start(agent, 'orderly', 'trap "echo bye; exit 0" TERM; echo ready; while :; do :; done')
    const output = follow(agent, { id: 'orderly' })
    await output.shows('ready')
    await controlProcess(agent, { id: 'orderly', stopMs: 60_000 })
    expect(await output.result).toMatchObject({ exitCode: 0 })
    expect(output.text()).toBe('ready\nbye\n')
  })

  test('starts again when it fails, until it is stopped', async () => {
    const { agent } = await connect(await startInit())
    await start(agent, 'failing', 'echo once; [ -e enough ] || exit 1', { restart: 'on-failure' })
    await waitFor('a restart', async () => ((await kept(agent, 'failing'))?.restarts ?? 0) > 0)
    await writeFile(join(root(), 'enough'), '')
    expect(await ended(agent, 'failing')).toMatchObject({ exitCode: 0 })

    await start(agent, 'always', 'echo again', { restart: 'always' })
    await waitFor('two restarts', async () => ((await kept(agent, 'always'))?.restarts ?? 0) > 1)
    await controlProcess(agent, { id: 'always', stopMs: 0 })
    await ended(agent, 'always')
    const output = follow(agent, { id: 'always' })
    await output.result
    expect(output.text()).toMatch(/^(again\n){2,}$/)
  })

  test('is started anew when asked to', async () => {
    const { agent } = await connect(await startInit())
    await start(agent, 'anew', 'echo $$; exec sleep 1000')
    const before = await waitFor('it', async () => await kept(agent, 'anew'))
    await controlProcess(agent, { id: 'anew', stopMs: 1000, restart: true })
    const after = await waitFor('a restart', async () => {
      const process = await kept(agent, 'anew')
      return process?.restarts === 1 && process.pid > 0 && process
    })
    expect(after.pid).not.toBe(before.pid)
    await controlProcess(agent, { id: 'anew', stopMs: 0 })
    await ended(agent, 'anew')
    await controlProcess(agent, { id: 'anew', forget: true })
    expect(await kept(agent, 'anew')).toBeUndefined()
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

  test('ends with the last who is attached, if it is bound to these, also when they are cut off', async () => {
    const init = await startInit()
    const { agent } = await connect(init)
    const doomed = await connect(init)
    await start(agent, 'bound', 'trap "" TERM; echo here; sleep 1000; sleep 1000', { patienceMs: 0 })
    const [here, there] = [follow(agent, { id: 'bound' }), follow(doomed.agent, { id: 'bound' })]
    await Promise.all([here.shows('here'), there.shows('here')])
    here.detach()
    await expect(here.result).rejects.toMatchObject({ code: 11 })
    expect(await kept(agent, 'bound')).toMatchObject({ state: 'running' })
    doomed.child.kill('SIGKILL')
    await waitFor('its end', async () => {
      const { kept: all, running } = await listProcesses(agent)
      return all.length === 0 && running.length === 0
    })
  })

  test('goes before the others when memory is short, if it is to', async () => {
    const { agent } = await connect(await startInit())
    await start(agent, 'first', 'cat /proc/self/oom_score_adj; sleep 1000', { isFirstToGo: true })
    await start(agent, 'other', 'cat /proc/self/oom_score_adj; sleep 1000', { patienceMs: 0 })
    await follow(agent, { id: 'first' }).shows('1000\n')
    await follow(agent, { id: 'other' }).shows('600\n')
  })

  test('ends also by itself, if it is bound, and is forgotten then', async () => {
    const { agent } = await connect(await startInit())
    await start(agent, 'bound', 'read -r go; exit 4', { patienceMs: 0 })
    const output = follow(agent, { id: 'bound' })
    output.sendInput(Buffer.from('go\n'))
    expect(await output.result).toMatchObject({ exitCode: 4 })
    await waitFor('it to be forgotten', async () => (await kept(agent, 'bound')) === undefined)
  })

  test('ends when nobody comes to attach to it, if it is bound', async () => {
    const { agent } = await connect(await startInit())
    await start(agent, 'bound', 'exec sleep 1000', { patienceMs: 0 })
    await waitFor('its end', async () => (await kept(agent, 'bound')) === undefined, 20_000)
  })

  function followChanges (agent: AgentConnection, after = 0) {
    const told: string[] = []
    const numbers: number[] = []
    followProcesses(agent, after, ({ number, process: { id, state, exitCode, signal, restarts } }) => {
      numbers.push(number)
      told.push([id, state, exitCode ?? signal ?? '-', restarts].join(' '))
    }).catch(() => undefined)
    return { told, numbers, tells: async (...last: string[]) => await waitFor(`${last.join()} in ${told.join()}`, () => told.slice(-last.length).join() === last.join()) }
  }

  test('tells everybody who follows of starts and ends, in their order', async () => {
    const init = await startInit()
    const { agent } = await connect(init)
    const followers = [followChanges(agent), followChanges((await connect(init)).agent)]
    await start(agent, 'one', 'read -r go; exit 3')
    for (const follower of followers) await follower.tells('one running - 0')
    const one = follow(agent, { id: 'one' })
    one.sendInput(Buffer.from('go\n'))
    for (const follower of followers) await follower.tells('one ended 3 0')
    await start(agent, 'two', 'exec sleep 1000')
    await controlProcess(agent, { id: 'two', signal: 9 })
    await ended(agent, 'two')
    await start(agent, 'bound', 'exit 4', { patienceMs: 0 })
    // It may be forgotten by then.
    await follow(agent, { id: 'bound' }).result.catch(() => undefined)
    for (const { told, numbers, tells } of followers) {
      await tells('bound ended 4 0')
      expect(told.filter((line) => line.startsWith('two'))).toEqual(['two running - 0', 'two ended 9 0'])
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
    }
  })

  test('tells of restarts, and of a stop when the whole tree is gone', async () => {
    const { agent } = await connect(await startInit())
    const { told, tells } = followChanges(agent)
    await start(agent, 'failing', 'exit 1', { restart: 'on-failure' })
    await tells('failing running - 0', 'failing waiting 1 0', 'failing running 1 1', 'failing waiting 1 1')
    await controlProcess(agent, { id: 'failing', stopMs: 0 })
    await ended(agent, 'failing')
    await start(agent, 'tree', '(trap "" TERM; sleep 1000; sleep 1001) & trap "exit 0" TERM; echo ready; wait')
    await follow(agent, { id: 'tree' }).shows('ready')
    await controlProcess(agent, { id: 'tree', stopMs: 300, restart: true })
    await tells('tree running 0 1')
    expect(told.filter((line) => line.startsWith('tree')).length).toBeLessThanOrEqual(3)
  })

  test('tells whoever comes again what has changed meanwhile, and nothing else', async () => {
    const init = await startInit()
    const first = await connect(init)
    const before = followChanges(first.agent)
    await start(first.agent, 'old', 'exit 0')
    await before.tells('old ended 0 0')
    await start(first.agent, 'cat', 'exec cat')
    await before.tells('cat running - 0')
    first.child.kill('SIGKILL')
    await first.gone
    const { agent } = await connect(init)
    attachProcess(agent, { id: 'cat', closesInput: true }).endInput()
    await ended(agent, 'cat')
    await followChanges(agent, before.numbers.at(-1)).tells('cat ended 0 0')
    const late = followChanges(agent, before.numbers.at(-1))
    await late.tells('cat ended 0 0')
    expect(late.told).toHaveLength(1)
  })

  describe('bound to whoever is attached, leaves nothing behind', () => {
    const SHELL = { args: ['/bin/bash', '--norc', '--noprofile', '-i'] as [string, ...string[]], size: { cols: 80, rows: 24 }, patienceMs: 300 }
    // Each ignores the hangup in a way of its own.
    const leftovers = {
      'a job in the background': 'sleep 1000 &',
      nohup: 'nohup sleep 1000 > /dev/null 2>&1 &',
      setsid: 'setsid sleep 1000 &',
      'a double fork': '(setsid sh -c "trap \'\' HUP TERM INT; sleep 1000 & sleep 1000 & wait" > /dev/null 2>&1 &)',
      'a stopped job': 'sh -c "kill -STOP \\$\\$; sleep 1000" &'
    }
    const sleepers = async (agent: AgentConnection): Promise<string[]> => namesOf((await listProcesses(agent)).running).filter((name) => name.includes('sleep 1000'))

    async function startShell (agent: AgentConnection) {
      await start(agent, 'shell', '', { ...SHELL, env: { BERTH_PROCESS: 'shell', ...env(), PS1: 'ready ', TERM: 'dumb' } })
      const output = follow(agent, { id: 'shell' })
      await output.shows('ready')
      return output
    }

    test.each(Object.entries(leftovers))('of %s, when it ends by itself', async (_, command) => {
      const { agent } = await connect(await startInit())
      const output = await startShell(agent)
      output.sendInput(Buffer.from(`${command}\n`))
      await waitFor('the leftover', async () => (await sleepers(agent)).length > 0)
      output.sendInput(Buffer.from('exit 3\nexit 3\n'))
      expect(await output.result).toMatchObject({ exitCode: 3 })
      expect(await sleepers(agent)).toEqual([])
    })

    test('of anything, when nobody has been attached for long enough, but not before', async () => {
      const init = await startInit()
      const { agent } = await connect(init)
      const output = await startShell(agent)
      for (const command of Object.values(leftovers)) output.sendInput(Buffer.from(`${command}\n`))
      await waitFor('all of them', async () => (await sleepers(agent)).length >= 6)
      output.detach()
      await output.result.catch(() => undefined)
      const again = follow(agent, { id: 'shell' })
      again.sendInput(Buffer.from('echo $((6 * 7))\n'))
      await again.shows('42')
      again.detach()
      await again.result.catch(() => undefined)
      await waitFor('the end', async () => {
        const { kept: all, running } = await listProcesses(agent)
        return all.length + running.length === 0
      })
    })

    test('and waits for somebody to see how it ended', async () => {
      const { agent } = await connect(await startInit())
      await start(agent, 'bound', 'read -r go; echo last; exit 7', { patienceMs: 600_000 })
      const first = follow(agent, { id: 'bound' })
      first.sendInput(Buffer.from('go\n'))
      first.detach()
      await first.result.catch(() => undefined)
      await ended(agent, 'bound')
      const second = follow(agent, { id: 'bound' })
      expect(await second.result).toMatchObject({ exitCode: 7 })
      expect(second.text()).toBe('last\n')
      await controlProcess(agent, { id: 'bound', forget: true })
      await start(agent, 'impatient', 'exit 7', { patienceMs: 300 })
      expect(await ended(agent, 'impatient')).toMatchObject({ exitCode: 7 })
      await waitFor('it to be forgotten', async () => (await kept(agent, 'impatient')) === undefined)
    })
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

  test('goes with PID 1, which gives all time to end in order and starts none again', async () => {
    const init = await startInit()
    const { agent } = await connect(init)
    await start(agent, 'orderly', 'trap "sleep 0.2; echo bye > bye; exit 0" TERM; echo ready; while :; do sleep 0.01; done', { restart: 'always' })
    await follow(agent, { id: 'orderly' }).shows('ready')
    process.kill(init.pid, 'SIGTERM')
    expect(await init.ended).toBe(0)
    expect(await readFile(join(root(), 'bye'), 'utf8')).toBe('bye\n')
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
