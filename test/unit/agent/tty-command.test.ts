import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { describeAgent, markedProcesses } from '../../support/agent-suite.ts'
import { waitFor } from '../../support/wait-for.ts'

// Node has no pseudo terminals. Python's leads a session on one and copies between it and its own pipes.
const PTY = 'import pty, os, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])) & 255)'

describeAgent('tty of a project', ({ binary, root, env }) => {
  // They are looked for all over the machine, where other tests may have some.
  const id = randomUUID()

  async function startTerminal ({ shells = ['/bin/nosuchshell', '/bin/bash', '/bin/sh'], size = ['--size', '101x31'] } = {}) {
    const child = spawn('/usr/bin/python3', ['-c', PTY, 'env', `BERTH_TERMINAL=${id}`, binary(), 'tty', '--id', id, '--server', 'server-1', ...size, '--', ...shells], {
      cwd: root(),
      stdio: ['pipe', 'pipe', 'inherit'],
      // No start-up file may change the prompt or say anything.
      env: { ...env(), HOME: root(), TERM: 'dumb' }
    })
    onTestFinished(() => {
      spawnSync(binary(), ['end-terminals', id])
    })
    let output = ''
    child.stdout.setEncoding('latin1').on('data', (text: string) => { output += text })
    const ended = once(child, 'close').then(([code]) => code as number)
    // What is typed before would be echoed first.
    await waitFor('the first byte', () => output !== '')
    return {
      output: () => output,
      type: (text: string) => void child.stdin.write(text),
      shows: (expected: RegExp) => waitFor(`${expected.source} in ${JSON.stringify(output)}`, () => expected.exec(output) ?? undefined),
      ended
    }
  }

  const list = () => execFileSync(binary(), ['terminals'], { encoding: 'utf8' }).split('\n').filter((line) => line.startsWith(`${id} `))
  const end = () => spawnSync(binary(), ['end-terminals', id]).status
  const pidsOf = async (name: string) => {
    const pids = await markedProcesses(env().BERTH_TEST ?? '')
    const names = await Promise.all(pids.map(async (pid) => (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0').join(' ')))
    return pids.filter((_, index) => names[index]?.includes(name))
  }

  test('runs the first shell that is there as a login shell, in the size asked for', async () => {
    const terminal = await startTerminal()
    terminal.type('stty size; echo "shell $SHELL $0 $-" | tr -d m; exit 3\n')
    await terminal.shows(/31 101\r\n/)
    await terminal.shows(/shell \/bin\/bash -bash hi/)
    expect(await terminal.ended).toBe(3)
    expect(terminal.output()[0]).toBe('\x06')
  })

  test('passes a signal on as 128 and its number', async () => {
    const terminal = await startTerminal()
    terminal.type('kill -KILL $$\n')
    expect(await terminal.ended).toBe(137)
  })

  test('gives Ctrl-C, Ctrl-Z and Ctrl-D to the shell’s jobs, not to itself', async () => {
    const terminal = await startTerminal()
    terminal.type('sleep 1000\n')
    // The wrapper is in the foreground before the shell is, and a Ctrl-Z then takes what was typed away with it.
    await waitFor('the job', async () => (await pidsOf('sleep 1000')).length > 0 && list()[0]?.endsWith('busy'))
    terminal.type('\x1a')
    await waitFor('the shell', () => list()[0]?.endsWith('idle'))
    terminal.type('fg\n')
    await waitFor('the job', () => list()[0]?.endsWith('busy'))
    terminal.type('\x03')
    await waitFor('the shell', () => list()[0]?.endsWith('idle'))
    terminal.type('echo $?; exit 5\n')
    await terminal.shows(/\n130\r/)
    expect(await terminal.ended).toBe(5)
  })

  test('does not begin with the byte of a start when no shell is there', async () => {
    const terminal = await startTerminal({ shells: ['/bin/nosuchshell'] })
    expect(await terminal.ended).toBe(127)
    expect(terminal.output()).toMatch(/^no shell/)
  })

  test('says what is wrong with a shell that cannot run, and takes the next', async () => {
    const script = join(root(), 'shell')
    await writeFile(script, 'no program', { mode: 0o755 })
    const terminal = await startTerminal({ shells: [script, '/bin/sh'] })
    terminal.type('exit 4\n')
    expect(await terminal.ended).toBe(4)
    expect(terminal.output()).toContain('Exec format error')
  })

  describe('leaves nothing behind', () => {
    // Each sleeps for a time that nobody else does, ignoring the hangup in its own way.
    const leftovers = {
      'a job in the background': 'sleep 1000 &',
      nohup: 'nohup sleep 1000 > /dev/null 2>&1 &',
      setsid: 'setsid sleep 1000 &',
      'a double fork': '(setsid sh -c "trap \'\' HUP TERM INT; sleep 1000 & sleep 1000 & wait" > /dev/null 2>&1 &)',
      'a stopped job': 'sh -c "kill -STOP \\$\\$; sleep 1000" &'
    }

    test.each(Object.entries(leftovers))('of %s, when the shell exits', async (_, command) => {
      const terminal = await startTerminal()
      terminal.type(`${command}\n`)
      await waitFor('the leftover', async () => (await pidsOf('sleep 1000')).length > 0)
      terminal.type('exit\nexit\n')
      await terminal.ended
      expect(await pidsOf('sleep 1000')).toEqual([])
    })

    test('when it is ended from outside', async () => {
      const terminal = await startTerminal()
      for (const command of Object.values(leftovers)) terminal.type(`${command}\n`)
      terminal.type('sleep 1001\n')
      await waitFor('the foreground job', async () => (await pidsOf('sleep 1001')).length > 0)
      expect(end()).toBe(0)
      expect(await pidsOf('sleep')).toEqual([])
      expect(await terminal.ended).toBe(129)
      expect(list()).toEqual([])
    })

    test('when its wrapper was stopped by a guest', async () => {
      const terminal = await startTerminal()
      terminal.type('kill -STOP $PPID; echo stopped\n')
      await terminal.shows(/\nstopped/)
      expect(end()).toBe(0)
      expect(await terminal.ended).toBe(129)
    })

    test('when its wrapper was killed by a guest', async () => {
      const terminal = await startTerminal()
      terminal.type('setsid nohup sleep 1000 > /dev/null 2>&1 &\n')
      await waitFor('the leftover', async () => (await pidsOf('sleep 1000')).length > 0)
      terminal.type('kill -KILL $PPID\n')
      await waitFor('the end of the wrapper', () => list().length === 0)
      expect(await pidsOf('sleep 1000')).toHaveLength(1)
      expect(end()).toBe(0)
      // Bash may have put the hangup off until it reads the next key.
      expect(await terminal.ended).toBe(247)
      expect(await pidsOf('sleep 1000')).toEqual([])
    })
  })

  test('ends only what it is told to', () => {
    expect(spawnSync(binary(), ['end-terminals', 'another']).status).toBe(0)
  })

  test('refuses to run anywhere but on a terminal of its own', () => {
    const { status, stderr } = spawnSync(binary(), ['tty', '--id', id, '--server', 's', '--', '/bin/sh'], { encoding: 'utf8' })
    expect([status, stderr]).toEqual([64, 'agent: tty leads the session of a terminal only\n'])
  })

  test.each([
    [[]],
    [['--id', 'x', '--server', 'y', '--']],
    [['--server', 'y', '--id', 'x', '--', '/bin/sh']],
    [['--id', 'x', '--server', 'y', '--size', '10x', '--', '/bin/sh']],
    [['--id', 'x', '--server', 'y', '--size', '10x10', '/bin/sh']]
  ])('refuses %j', (args) => {
    const { status, stderr } = spawnSync(binary(), ['tty', ...args], { encoding: 'utf8' })
    expect([status, stderr]).toEqual([64, expect.stringContaining('usage: agent tty')])
  })
})
