import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { decodeError, decodeResetResult, encodeReset, encodeWrite, ErrorCode, FrameType } from '../../../src/sandbox/agent-protocol.ts'
import { AgentRefusal, openRun, type AgentProcess } from '../../support/agent-process.ts'
import { describeAgent } from '../../support/agent-suite.ts'

// What a container gives the agent, without an Engine: its own namespaces, user 1000, tmpfs to work in.
const NAMESPACES = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc', '--ipc', '--mount']
const MOUNTS = [
  'mount -t tmpfs -o size=64m,mode=0755,uid=1000,gid=1000 tmpfs "$1"',
  'mkdir -p /dev/mqueue && mount -t mqueue mqueue /dev/mqueue && chmod 1777 /dev/mqueue',
  'mount -t tmpfs -o size=16m,mode=1777 tmpfs /dev/shm'
].join(' && ')

async function reset (agent: AgentProcess, channel: number): Promise<number> {
  agent.send(FrameType.OPEN, channel, encodeReset())
  const last = await agent.waitFor((frame) => frame.channel === channel && (frame.type === FrameType.RESULT || frame.type === FrameType.ERROR), 'the reset')
  if (last.type === FrameType.ERROR) throw new AgentRefusal(decodeError(last.payload))
  return decodeResetResult(last.payload).removedEntries
}

// In its own mount namespace; not in TMPDIR, which may lie below what is mounted there.
const ROOT = '/mnt'

describeAgent('as PID 1', ({ start, env }) => {
  const sh = (script: string) => ({ args: ['sh', '-c', script] as [string, ...string[]], env: env() })
  const python = (script: string) => ({ args: ['/usr/bin/python3', '-c', script] as [string, ...string[]], env: env() })

  /** The agent as the init of a sandbox of its own; `limit` goes before it. */
  function startInit (limit = ''): Promise<AgentProcess> {
    const become = 'shift; exec setpriv --reuid=1000 --regid=1000 --clear-groups --no-new-privs --bounding-set=-all "$@"'
    return start({ root: ROOT, wrapper: [...NAMESPACES, 'sh', '-c', `${MOUNTS} && ${limit} ${become}`, 'sh', ROOT], scratch: [ROOT, '/dev/shm'] })
  }

  const outcomeOf = async (agent: AgentProcess, channel: number, script: string) =>
    openRun(agent, channel, python(script)).finish()

  test('runs programs and kills what they leave behind', async () => {
    const agent = await startInit()
    const { result } = await openRun(agent, 1, sh('setsid sh -c "trap \\"\\" TERM; sleep 1000 & sleep 1000" & sleep 1000 & exit 5')).finish()
    expect(result.exitCode).toBe(5)
    // The agent and the shell that looks.
    expect((await openRun(agent, 2, sh('set -- /proc/[0-9]*; echo $#')).finish()).stdout.trim()).toBe('2')
  })

  test('ends a fork bomb', async () => {
    const agent = await startInit('prlimit --pid $$ --nproc=300 &&')
    const { result } = await openRun(agent, 1, { ...python('import os\nwhile True:\n  try: os.fork()\n  except OSError: pass'), wallMs: 300 }).finish()
    expect(result.reason).toBe('wall_limit')
    expect((await openRun(agent, 2, sh('exit 0')).finish()).result.exitCode).toBe(0)
  })

  test('cannot be ended by its guests, not even by forged signals', async () => {
    const agent = await startInit()
    const script = `
import ctypes, os, resource, signal
for number in range(1, 65):
  if number not in (32, 33): os.kill(1, number)
libc = ctypes.CDLL(None, use_errno=True)
info = (ctypes.c_int * 32)()
for limit in (None, 0):
  if limit is not None: resource.prlimit(1, resource.RLIMIT_SIGPENDING, (0, 0))
  for number in (signal.SIGTERM, signal.SIGINT):
    info[0], info[2] = number, -1
    libc.syscall(129, 1, number, info)
print('sent')`
    expect((await outcomeOf(agent, 1, script)).stdout).toBe('sent\n')
    expect((await openRun(agent, 2, sh('exit 0')).finish()).result.exitCode).toBe(0)
  })

  test('shows its guests neither memory nor descriptors', async () => {
    const agent = await startInit()
    const { stdout } = await outcomeOf(agent, 1, `
import ctypes, os
def refused(action):
  try: action()
  except PermissionError: return True
  return False
libc = ctypes.CDLL(None, use_errno=True)
print(refused(lambda: open('/proc/1/mem', 'rb')), refused(lambda: os.listdir('/proc/1/fd')), refused(lambda: os.readlink('/proc/1/cwd')),
  refused(lambda: open('/proc/1/oom_score_adj', 'w')), libc.ptrace(16, 1, 0, 0))`)
    expect(stdout).toBe('True True True True -1\n')
  })

  test('finds who waits for input', async () => {
    const agent = await startInit()
    const run = openRun(agent, 1, { ...sh('sleep 1000 & sh -c "head -1; true"'), reportInputWait: true })
    await run.waiting()
    run.input('answer\n')
    expect((await run.finish()).stdout).toBe('answer\n')
  })

  test('empties the scratch directories, whatever is in them', async () => {
    const agent = await startInit()
    await openRun(agent, 1, sh(`
      mkdir -p closed/inner "odd
name" && touch closed/inner/file -- "-rf" && chmod 000 closed/inner closed
      ln -s / link; mkfifo fifo; touch .lifted-0 .lifted-1; echo x > /dev/shm/left; chmod 000 .`)).finish()
    expect(await reset(agent, 2)).toBe(10)
    expect((await openRun(agent, 3, sh('stat -c %a . ; ls -A . /dev/shm')).finish()).stdout).toBe('755\n.:\n\n/dev/shm:\n')
  })

  test('empties a tree of a hundred thousand nested directories', { timeout: 60_000 }, async () => {
    const agent = await startInit()
    await outcomeOf(agent, 1, 'import os\nfor _ in range(100000):\n  os.mkdir("d", 0o700)\n  os.chdir("d")')
    expect(await reset(agent, 2)).toBe(100_000)
  })

  test('removes System V objects and message queues', async () => {
    const agent = await startInit()
    const { stdout } = await outcomeOf(agent, 1, `
import ctypes, os
libc = ctypes.CDLL(None)
made = [libc.shmget(key, 4096, 0o1600) for key in (1, 2)] + [libc.msgget(1, 0o1600), libc.semget(1, 1, 0o1600)]
rt = ctypes.CDLL('librt.so.1')
queue = rt.mq_open(b'/queue', os.O_CREAT | os.O_RDWR, 0o600, None)
print(all(number >= 0 for number in made) and queue >= 0)`)
    expect(stdout).toBe('True\n')
    expect(await reset(agent, 2)).toBe(5)
    expect((await openRun(agent, 3, sh('cat /proc/sysvipc/* | grep -c "^ *[0-9]"; ls /dev/mqueue')).finish()).stdout).toBe('0\n')
  })

  test('takes access control lists and attributes off the scratch roots', async () => {
    const agent = await startInit()
    const { stdout } = await outcomeOf(agent, 1, `
import os, struct
acl = struct.pack('<I', 2) + b''.join(struct.pack('<HHI', *entry) for entry in
  [(1, 7, 0xffffffff), (2, 7, 65534), (4, 5, 0xffffffff), (16, 7, 0xffffffff), (32, 5, 0xffffffff)])
os.setxattr('.', 'system.posix_acl_default', acl)
print(os.listxattr('.'))`)
    expect(stdout).toContain('posix_acl_default')
    await reset(agent, 2)
    expect((await outcomeOf(agent, 3, 'import os; print(os.listxattr("."))')).stdout).toBe('[]\n')
  })

  test('puts back affinity, soft limits and pending signals', async () => {
    const agent = await startInit()
    await outcomeOf(agent, 1, `
import os, resource, signal
os.sched_setaffinity(1, {0})
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.prlimit(1, resource.RLIMIT_NOFILE, (8, hard))
os.kill(1, signal.SIGRTMIN)`)
    await reset(agent, 2)
    const { stdout } = await openRun(agent, 3, sh('ulimit -n; nproc; grep ^SigQ /proc/self/status')).finish()
    const expected = execFileSync('sh', ['-c', 'ulimit -n; nproc'], { encoding: 'utf8' })
    expect(stdout.startsWith(expected)).toBe(true)
  })

  test.each<[string, string]>([
    ['a hard limit', 'import resource; resource.prlimit(1, resource.RLIMIT_NOFILE, (100, 100))'],
    ['its priority', 'import os; os.setpriority(os.PRIO_PROCESS, 1, 10)']
  ])('gives the sandbox up when a guest has changed %s for good', async (_, script) => {
    const agent = await startInit()
    expect((await outcomeOf(agent, 1, script)).result.exitCode).toBe(0)
    await expect(reset(agent, 2)).rejects.toMatchObject({ code: ErrorCode.RESET })
    expect(await agent.exited).toBe(70)
  })

  test('does not reset under open channels', async () => {
    const agent = await startInit()
    agent.send(FrameType.OPEN, 1, encodeWrite({ path: 'file' }))
    await expect(reset(agent, 2)).rejects.toMatchObject({ code: ErrorCode.BUSY })
  })
})

describeAgent('as any other process', ({ start, binary, env }) => {
  test('does not reset what others share', async () => {
    const agent = await start()
    await expect(reset(agent, 1)).rejects.toMatchObject({ code: ErrorCode.RESET })
    expect((await openRun(agent, 2, { args: ['true'], env: env() }).finish()).result.exitCode).toBe(0)
  })

  test('ends a fork bomb', async () => {
    const agent = await start({ root: '/', wrapper: ['setpriv', '--reuid=64999', '--regid=64999', '--clear-groups', 'prlimit', '--nproc=200'] })
    const bomb = 'import os\nwhile True:\n  try: os.fork()\n  except OSError: pass'
    const { result } = await openRun(agent, 1, { args: ['/usr/bin/python3', '-c', bomb], env: env(), wallMs: 300 }).finish()
    expect(result.reason).toBe('wall_limit')
  })

  test('cannot be read by a process of the same user', async () => {
    const agent = await start({ wrapper: ['setpriv', '--reuid=64998', '--regid=64998', '--clear-groups'] })
    const asGuest = (command: string) => execFileSync('setpriv', ['--reuid=64998', '--regid=64998', '--clear-groups', 'sh', '-c', command], { stdio: 'pipe' })
    expect(() => asGuest(`ls /proc/${agent.pid}/fd/`)).toThrow('Permission denied')
    expect(() => asGuest(`head -c 1 /proc/${agent.pid}/mem`)).toThrow('Permission denied')
  })

  test('refuses to be an init', () => {
    expect(() => execFileSync(binary(), ['init'], { stdio: 'pipe' })).toThrow('PID 1 only')
  })

  test('tells its version and refuses what it does not know', () => {
    expect(execFileSync(binary(), ['version'], { encoding: 'utf8' })).toMatch(/^3 [0-9a-f]{16}\n$/)
    for (const args of [[], ['version', 'x'], ['serve', '--root'], ['serve', '--bogus', 'x']]) {
      expect(() => execFileSync(binary(), args, { stdio: 'pipe' })).toThrow('usage')
    }
  })
})
