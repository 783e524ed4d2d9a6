import { execFileSync } from 'node:child_process'
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { encodeCredit, ErrorCode, FrameType, INITIAL_CREDIT } from '../../../src/sandbox/agent-protocol.ts'
import { onChannel, openRun, streamBytes, type AgentProcess } from '../../support/agent-process.ts'
import { describeAgent, listDescriptors, markedProcesses } from '../../support/agent-suite.ts'
import { onOldKernel } from '../../support/old-kernel.ts'

const MIB = 2 ** 20

/** Without the pages of the binary, which all agents share, and of which this build has far more than the one for sandboxes. */
async function ownMemoryKib (pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1])
}

async function waitForOutput (agent: AgentProcess, text: string): Promise<void> {
  await agent.waitFor(() => streamBytes(agent, 1, 1).includes(text), `output ${text}`)
}

describeAgent('run', ({ start, env, root, build }) => {
  const sh = (script: string) => ({ args: ['sh', '-c', script] as [string, ...string[]], env: env() })
  const python = (script: string) => ({ args: ['/usr/bin/python3', '-c', script] as [string, ...string[]], env: env() })

  test('keeps stdout and stderr apart and reports the exit', async () => {
    const outcome = await openRun(await start(), 1, sh('echo out; echo err >&2; exit 3')).finish()
    expect(outcome).toMatchObject({ stdout: 'out\n', stderr: 'err\n', result: { exitCode: 3, reason: 'exit', stdoutBytes: 4, stderrBytes: 4, oomKills: 0 } })
    expect(outcome.result.peakMemoryBytes).toBeGreaterThan(100_000)
    expect(outcome.result.wallUs).toBeGreaterThan(0)
  })

  test('sends both ends before the result', async () => {
    const agent = await start()
    await openRun(agent, 1, sh('echo out')).finish()
    expect(agent.frames.slice(-3).map(({ type, stream }) => [type, stream])).toEqual([[FrameType.END, 1], [FrameType.END, 2], [FrameType.RESULT, 0]])
  })

  test('reports the signal that ended the program', async () => {
    const { result } = await openRun(await start(), 1, sh('kill -SEGV $$')).finish()
    expect(result).toMatchObject({ signal: 11, reason: 'exit' })
    expect(result.exitCode).toBeUndefined()
  })

  test('counts the CPU time of the whole tree', async () => {
    const spin = 'import time\nwhile time.process_time() < 0.1: pass'
    const { result } = await openRun(await start(), 1, python(`import subprocess\n${spin}\nsubprocess.run(['/usr/bin/python3', '-c', ${JSON.stringify(spin)}])`)).finish()
    expect(result.cpuUs).toBeGreaterThan(200_000)
  })

  test('gives nothing but the three pipes, the given environment and default signals', async () => {
    const { stdout } = await openRun(await start(), 1, sh(
      listDescriptors + '; cat /proc/self/oom_score_adj; ulimit -c; grep -E "^Sig(Blk|Ign)" /proc/$$/status | cut -f2; env | grep -vE "^(PWD|SHLVL|_|OLDPWD)=" | sort')).finish()
    expect(stdout.split('\n')).toEqual([
      '0 1 2 1000', '0', '0000000000000000', '0000000000000000', `BERTH_TEST=${env().BERTH_TEST}`, `PATH=${env().PATH}`, ''
    ])
  })

  test('lets the stack grow as far as it is told, and else as far as the agent\'s own', async () => {
    const agent = await start()
    const own = (await openRun(agent, 1, sh('ulimit -s')).finish()).stdout
    expect((await openRun(agent, 2, { ...sh('ulimit -s'), stackBytes: 4 * MIB }).finish()).stdout).toBe('4096\n')
    expect((await openRun(agent, 3, { ...sh('ulimit -H -s'), stackBytes: 4 * MIB }).finish()).stdout).not.toBe('4096\n')
    expect((await openRun(agent, 4, sh('ulimit -s')).finish()).stdout).toBe(own)
  })

  test('starts in a session and process group of its own', async () => {
    const agent = await start()
    const run = openRun(agent, 1, python('import os; print(os.getpid() == os.getsid(0) == os.getpgid(0))'))
    expect((await run.finish()).stdout).toBe('True\n')
  })

  test('starts in the working directory, beneath the root only', async () => {
    await mkdir(join(root(), 'sub/dir'), { recursive: true })
    await symlink('/', join(root(), 'link'))
    const agent = await start()
    expect((await openRun(agent, 1, { ...sh('pwd'), cwd: 'sub/dir' }).finish()).stdout).toBe(`${root()}/sub/dir\n`)
    for (const [channel, cwd] of [[2, '/'], [3, '../..'], [4, 'link'], [5, 'sub/../../..'], [6, './sub']] as const) {
      await expect(openRun(agent, channel, { ...sh('pwd'), cwd }).finish()).rejects.toMatchObject({ code: ErrorCode.BAD_PATH })
    }
    await expect(openRun(agent, 7, { ...sh('pwd'), cwd: 'none' }).finish()).rejects.toMatchObject({ code: ErrorCode.NOT_FOUND })
  })

  test('gives a program no descriptor too many on an old kernel', async () => {
    const agent = await start({ wrapper: onOldKernel })
    const run = openRun(agent, 1, { args: ['sh', '-c', listDescriptors], env: env() })
    expect((await run.finish()).stdout).toBe('0 1 2 ')
  })

  test('says why a program cannot be started', async () => {
    await writeFile(join(root(), 'data'), 'no program', { mode: 0o755 })
    await writeFile(join(root(), 'denied'), '')
    const agent = await start()
    const refusals: [string, string][] = [
      ['bogus', 'bogus: No such file or directory'], ['./data', './data: Exec format error'], ['./denied', './denied: Permission denied'],
      ['', ': No such file or directory']
    ]
    for (const [i, [name, message]] of refusals.entries()) {
      await expect(openRun(agent, 1 + i, { args: [name], env: env() }).finish()).rejects.toMatchObject({ code: ErrorCode.SPAWN, message })
    }
    expect((await openRun(agent, 9, sh('exit 0')).finish()).result.exitCode).toBe(0)
  })

  test('goes on with a program that closes its output early', async () => {
    const { result } = await openRun(await start(), 1, sh('exec >&- 2>&-; sleep 0.05; exit 4')).finish()
    expect(result).toMatchObject({ exitCode: 4, stdoutBytes: 0 })
  })

  test.each<[string, string]>([
    ['a hundred children', 'for i in $(seq 100); do sleep 1000 & done; exit 5'],
    ['a daemon in a session of its own', 'setsid sh -c "(sleep 1000 &) &" & exit 5'],
    ['a stopped child', 'sleep 1000 & kill -STOP $!; exit 5'],
    ['children that ignore every signal', '(trap "" TERM INT HUP; while :; do sleep 1; done) & exit 5']
  ])('kills %s when the program has ended', async (_, script) => {
    const { result } = await openRun(await start(), 1, sh(script)).finish()
    expect(result).toMatchObject({ exitCode: 5, reason: 'exit' })
  })

  test('ends at the wall limit with what was printed, whatever is ignored', async () => {
    const { stdout, result } = await openRun(await start(), 1, { ...sh('trap "" TERM INT HUP; echo partial; while :; do sleep 1; done'), wallMs: 200 }).finish()
    expect(stdout).toBe('partial\n')
    expect(result).toMatchObject({ signal: 9, reason: 'wall_limit' })
    expect(result.wallUs).toBeGreaterThanOrEqual(200_000)
  })

  test('ends at the CPU limit, which time asleep does not count towards', async () => {
    await mkdir(join(root(), 'cgroup'))
    const usage = join(root(), 'cgroup/cpu.stat')
    await writeFile(usage, 'usage_usec 1000000\n')
    const agent = await start({ cgroup: join(root(), 'cgroup') })
    const asleep = await openRun(agent, 1, { ...sh('sleep 0.3'), cpuMs: 100 }).finish()
    expect(asleep.result).toMatchObject({ exitCode: 0, reason: 'exit' })
    const busy = await openRun(agent, 2, { ...sh(`echo partial; echo usage_usec 1100000 > '${usage}'; sleep 1000`), cpuMs: 100 }).finish()
    expect(busy.stdout).toBe('partial\n')
    expect(busy.result).toMatchObject({ signal: 9, reason: 'cpu_limit', cpuUs: 100_000 })
  })

  test('ends at the output limit with exactly that much', async () => {
    const { stdout, stderr, result } = await openRun(await start(), 1, { ...sh('echo err >&2; yes'), outputLimitBytes: 1000 }).finish()
    expect(stdout).toHaveLength(1000)
    expect(stderr).toBe('err\n')
    expect(result.reason).toBe('output_limit')
    expect(result.stdoutBytes).toBeGreaterThan(1000)
  })

  test('lets a program print exactly its limit', async () => {
    const { result } = await openRun(await start(), 1, { ...sh('printf 12345'), outputLimitBytes: 5 }).finish()
    expect(result).toMatchObject({ exitCode: 0, reason: 'exit', stdoutBytes: 5 })
  })

  test('applies the limit to each stream by itself', async () => {
    const { result } = await openRun(await start(), 1, { ...sh('printf 12345; printf 12345 >&2'), outputLimitBytes: 5 }).finish()
    expect(result).toMatchObject({ exitCode: 0, reason: 'exit' })
  })

  test('signals the process group', async () => {
    const agent = await start()
    const run = openRun(agent, 1, sh('trap "echo caught; exit 7" TERM; echo ready; while :; do sleep 0.01; done'))
    await waitForOutput(agent, 'ready')
    run.signal(15)
    expect(await run.finish()).toMatchObject({ stdout: 'ready\ncaught\n', result: { exitCode: 7, reason: 'exit' } })
  })

  test('cancels', async () => {
    const agent = await start()
    const run = openRun(agent, 1, sh('echo ready; sleep 1000'))
    await waitForOutput(agent, 'ready')
    run.cancel()
    run.cancel()
    expect(await run.finish()).toMatchObject({ stdout: 'ready\n', result: { signal: 9, reason: 'cancelled' } })
  })

  test('cancels a program that waits for credit', async () => {
    const agent = await start()
    const run = openRun(agent, 1, sh('yes'))
    await agent.waitFor(() => streamBytes(agent, 1, 1).length === INITIAL_CREDIT, 'all the credit')
    run.cancel()
    await agent.waitFor(onChannel(1, FrameType.RESULT), 'RESULT')
    expect(streamBytes(agent, 1, 1)).toHaveLength(INITIAL_CREDIT)
  })

  test('sends no byte beyond the credit, and all of them when it comes', async () => {
    const agent = await start()
    const run = openRun(agent, 1, sh('head -c 1000000 /dev/zero'))
    await agent.waitFor(() => streamBytes(agent, 1, 1).length >= INITIAL_CREDIT, 'all the credit')
    agent.send(FrameType.CREDIT, 1, encodeCredit(1), 1)
    await agent.waitFor(() => streamBytes(agent, 1, 1).length > INITIAL_CREDIT, 'one byte more')
    expect(streamBytes(agent, 1, 1)).toHaveLength(INITIAL_CREDIT + 1)
    agent.send(FrameType.CREDIT, 1, encodeCredit(1_000_000), 1)
    const { result } = await run.finish()
    expect(streamBytes(agent, 1, 1)).toHaveLength(1_000_000)
    expect(result).toMatchObject({ exitCode: 0, stdoutBytes: 1_000_000 })
  })

  test('keeps stderr going while stdout has no credit', async () => {
    const agent = await start()
    openRun(agent, 1, sh('yes & sleep 0.2; echo still >&2; wait'))
    await agent.waitFor(() => streamBytes(agent, 1, 2).includes('still'), 'stderr')
    expect(streamBytes(agent, 1, 1).length).toBeLessThanOrEqual(INITIAL_CREDIT)
  })

  test('prints 1 GB in bounded memory', { timeout: 60_000 }, async () => {
    const agent = await start({ dropData: true })
    const run = openRun(agent, 1, sh('head -c 1G /dev/zero'))
    agent.send(FrameType.CREDIT, 1, encodeCredit(2 ** 30), 1)
    const { result } = await run.finish()
    expect(result.stdoutBytes).toBe(2 ** 30)
    if (build === 'agent') expect(await ownMemoryKib(agent.pid)).toBeLessThan(512)
  })

  test('waits in bounded memory for a server that does not read', async () => {
    const agent = await start({ dropData: true })
    agent.pauseOutput()
    const run = openRun(agent, 1, { ...sh('yes'), wallMs: 300 })
    agent.send(FrameType.CREDIT, 1, encodeCredit(100 * MIB), 1)
    const mark = env().BERTH_TEST!
    await vi.waitFor(async () => expect(await markedProcesses(mark)).not.toEqual([]))
    await vi.waitFor(async () => expect(await markedProcesses(mark)).toEqual([]), 5000)
    if (build === 'agent') expect(await ownMemoryKib(agent.pid)).toBeLessThan(512)
    agent.resumeOutput()
    expect((await run.finish()).result.reason).toBe('wall_limit')
  })

  test('passes input on, more than pipe and credit hold', async () => {
    const agent = await start()
    const run = openRun(agent, 1, sh('sha256sum'))
    for (let sent = 0; sent < INITIAL_CREDIT; sent += 65_536) run.input(Buffer.alloc(65_536, 'a'))
    await agent.waitFor(onChannel(1, FrameType.CREDIT), 'credit')
    run.input(Buffer.alloc(65_536, 'b'))
    run.endInput()
    const { stdout } = await run.finish()
    const expected = await openRun(agent, 2, sh('(head -c 262144 /dev/zero | tr "\\0" a; head -c 65536 /dev/zero | tr "\\0" b) | sha256sum')).finish()
    expect(stdout).toBe(expected.stdout)
  })

  test('reports a program that never reads its input', async () => {
    const agent = await start()
    const run = openRun(agent, 1, sh('sleep 0.1; exit 6'))
    for (let sent = 0; sent < INITIAL_CREDIT; sent += 65_536) run.input(Buffer.alloc(65_536))
    expect((await run.finish()).result.exitCode).toBe(6)
  })

  test('gives credit back for input nobody reads any more', async () => {
    const agent = await start()
    const run = openRun(agent, 1, sh('exec <&-; echo closed; sleep 1000'))
    await waitForOutput(agent, 'closed')
    for (let sent = 0; sent < INITIAL_CREDIT; sent += 65_536) run.input(Buffer.alloc(65_536))
    await agent.waitFor(onChannel(1, FrameType.CREDIT), 'credit')
    run.cancel()
    expect((await run.finish()).result.reason).toBe('cancelled')
  })

  test('reports a program that exits while its input is being sent', async () => {
    const agent = await start()
    const run = openRun(agent, 1, sh('head -c 100000 >/dev/null; exit 8'))
    for (let sent = 0; sent < INITIAL_CREDIT; sent += 65_536) run.input(Buffer.alloc(65_536))
    expect((await run.finish()).result.exitCode).toBe(8)
  })

  test('fills its pipe without a reader in the program', async () => {
    const { result } = await openRun(await start(), 1, { ...sh('(sleep 1000 | yes | sleep 1000)'), wallMs: 100 }).finish()
    expect(result.reason).toBe('wall_limit')
  })

  test.each<[string, string[], string, string]>([
    ['v1', ['memory/memory.oom_control', 'cpuacct/cpuacct.usage'], 'oom_kill_disable 0\nunder_oom 0\noom_kill ', '000'],
    ['v1 with joined controllers', ['memory/memory.oom_control', 'cpu,cpuacct/cpuacct.usage'], 'oom_kill_disable 0\nunder_oom 0\noom_kill ', '000'],
    ['v2', ['memory.events', 'cpu.stat'], 'low 0\nhigh 0\nmax 3\noom 3\noom_group_kill 0\noom_kill ', '']
  ])('reports what the counters of cgroup %s say', async (version, [memory, cpu], events, nanoseconds) => {
    const cpuLine = (us: number) => version === 'v2' ? `usage_usec ${us}\nuser_usec 1\n` : `${us}${nanoseconds}\n`
    const path = (name: string) => join(root(), 'cgroup', name)
    for (const name of [memory!, cpu!]) await mkdir(join(path(name), '..'), { recursive: true })
    await writeFile(path(memory!), `${events}4\n`)
    await writeFile(path(cpu!), cpuLine(1_000_000))
    const agent = await start({ cgroup: path('.') })
    const change = `printf '${events}6\\n' > '${path(memory!)}'; printf '${cpuLine(8_000_000)}' > '${path(cpu!)}'; kill -9 $$`
    const { result } = await openRun(agent, 1, sh(change)).finish()
    expect(result).toMatchObject({ signal: 9, oomKills: 2, cpuUs: 7_000_000 })
    expect((await openRun(agent, 2, sh('exit 0')).finish()).result.oomKills).toBe(0)
  })

  describe('that may leave what it has started', () => {
    const leaving = (script: string) => ({ ...sh(script), leave: true })
    const endLeft = async (): Promise<void> => {
      for (const pid of await markedProcesses(env().BERTH_TEST ?? '')) process.kill(Number(pid), 'SIGKILL')
      // They are there for a moment yet.
      await vi.waitFor(async () => expect(await alive()).toBe(0), { timeout: 5_000 })
    }
    const alive = async (): Promise<number> => (await markedProcesses(env().BERTH_TEST ?? '')).length

    test('ends with the program, names what is left, and ends nothing of it', async () => {
      const agent = await start()
      expect((await openRun(agent, 9, leaving('cat /proc/self/oom_score_adj')).finish()).stdout).toBe('600\n')
      const { result, stdout } = await openRun(agent, 1, leaving('sleep 1000 & setsid tail -f /dev/null & (setsid sh -c "sleep 1000 & wait" &); sleep 0.5; echo done; exit 3')).finish()
      expect([stdout, result.exitCode, result.reason]).toEqual(['done\n', 3, 'exit'])
      expect(result.left?.map(({ name }) => name).sort()).toEqual(['sh', 'sleep', 'sleep', 'tail'])
      agent.endInput()
      await agent.exited
      expect(await alive()).toBe(4)
      await endLeft()
    })

    test('lets what is left print on, and nobody is left who reads it when it has ended', async () => {
      const readers = (): string[] => execFileSync('sh', ['-c', 'grep -l berth-output /proc/[0-9]*/comm 2>/dev/null || true'], { encoding: 'utf8' }).split('\n')
      const before = new Set(readers())
      const reader = (): string[] => readers().filter((found) => !before.has(found))
      const agent = await start()
      await openRun(agent, 1, leaving('(yes; touch survived) & (yes >&2 2>/dev/null) & sleep 0.1')).finish()
      agent.endInput()
      await agent.exited
      expect(await alive()).toBeGreaterThanOrEqual(2)
      expect(reader()).toHaveLength(1)
      await endLeft()
      await vi.waitFor(() => expect(reader()).toEqual([]), { timeout: 5_000 })
    })

    test('says nothing where nothing is left, and runs another one then', async () => {
      const agent = await start()
      expect((await openRun(agent, 1, leaving('true & wait')).finish()).result.left).toBeUndefined()
      expect((await openRun(agent, 2, leaving('sleep 1000 > /dev/null 2>&1 &')).finish()).result.left).toMatchObject([{ name: 'sleep' }])
      await expect(openRun(agent, 3, sh('true')).finish()).rejects.toMatchObject({ code: ErrorCode.BUSY })
      await endLeft()
    })

    test.each([
      ['its time', { wallMs: 300 }, 'wall_limit'],
      ['its output', { outputLimitBytes: 1_000 }, 'output_limit']
    ])('ends with everything at %s', async (_what, limit, reason) => {
      const { result } = await openRun(await start(), 1, { ...leaving('sleep 1000 & setsid sleep 1000 & sleep 0.1; yes'), ...limit }).finish()
      expect([result.reason, result.left, await alive()]).toEqual([reason, undefined, 0])
    })

    test('ends with everything when it is cancelled, or the connection ends', async () => {
      const [first, second] = [await start(), await start()]
      const run = openRun(first, 1, leaving('sleep 1000 & setsid sleep 1000 & wait'))
      await run.started
      run.cancel()
      expect((await run.finish()).result.reason).toBe('cancelled')
      await openRun(second, 1, leaving('sleep 1000 & setsid sleep 1000 & wait')).started
      second.endInput()
      await second.exited
      expect(await alive()).toBe(0)
    })
  })
})
