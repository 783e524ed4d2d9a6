import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDockerClient, endpointFromEnv, type DockerClient } from '../../../src/docker/index.ts'
import type { ExecuteResult } from '../../../src/runtime/runs/execute-schemas.ts'
import { patience } from '../../support/patience.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startBerth, type Berth } from '../support/berth.ts'
import { signUp } from '../support/client.ts'

let berth: Berth
let docker: DockerClient
beforeAll(async () => {
  docker = createDockerClient(endpointFromEnv(process.env))
  berth = await startBerth({ RUNTIMES: 'python' })
})
afterAll(async () => {
  await berth.stop()
  await docker.close()
})

const python = async (code: string, more: Record<string, unknown> = {}) => await berth.execute({ language: 'python', code, ...more })

/** What must be the same for every run, whatever ran before it: all of it is looked at from inside. */
const LOOK = `
import ctypes, os, resource
print([sorted(os.listdir(d)) for d in ("/workspace", "/tmp", "/dev/shm", "/dev/mqueue")])
print([oct(os.stat(d).st_mode) for d in ("/workspace", "/tmp", "/dev/shm")], [os.listxattr(d) for d in ("/workspace", "/tmp")])
print([len(open("/proc/sysvipc/" + n).readlines()) for n in ("shm", "msg", "sem")])
print([p for p in sorted(os.listdir("/proc")) if p.isdigit() and p not in ("1", str(os.getpid()))])
print([resource.getrlimit(getattr(resource, n)) for n in ("RLIMIT_NOFILE", "RLIMIT_FSIZE", "RLIMIT_CORE", "RLIMIT_NPROC", "RLIMIT_STACK", "RLIMIT_AS", "RLIMIT_CPU")])
print([resource.prlimit(1, getattr(resource, n)) for n in ("RLIMIT_NOFILE", "RLIMIT_FSIZE", "RLIMIT_AS")])
print(os.getpriority(os.PRIO_PROCESS, 0), os.getpriority(os.PRIO_PROCESS, 1), os.sched_getaffinity(0) == os.sched_getaffinity(1), len(os.sched_getaffinity(0)) == os.cpu_count())
print([(os.statvfs(d).f_bfree * 100 // os.statvfs(d).f_blocks) > 95 for d in ("/workspace", "/tmp", "/dev/shm")])
print(open("/proc/self/oom_score_adj").read().strip(), os.umask(0), os.getsid(0) == os.getpid())
`

// Each leaves something behind that another run must not find.
const misdeeds: Record<string, string> = {
  'files in every writable place': `
for d in ("/workspace", "/tmp", "/dev/shm"):
  os.makedirs(d + "/.hidden/deep/er"); open(d + "/.hidden/deep/file", "w").write("x")
  os.symlink("/etc/passwd", d + "/link"); os.mkfifo(d + "/fifo"); open(d + "/bad\\nname \\udcff", "w")
  os.chmod(d + "/.hidden/deep/er", 0); os.chmod(d + "/.hidden/deep", 0)`,
  'changed modes and attributes of the directories themselves': `
os.chmod("/workspace", 0o000); os.chmod("/tmp", 0o700)
try: os.setxattr("/workspace", "user.note", b"x")
except OSError: pass`,
  'a directory tree deeper than any path': `
for _ in range(3000): os.mkdir("d" * 100); os.chdir("d" * 100)`,
  'a tree that was put together, deeper than AppArmor looks': `
ends = []
for tree in range(4):
  os.chdir("/workspace"); os.mkdir(f"t{tree}"); os.chdir(f"t{tree}")
  for _ in range(39): os.mkdir("d" * 100); os.chdir("d" * 100)
  ends.append(os.open(".", os.O_RDONLY))
os.chdir("/workspace")
for tree in (3, 2, 1): os.rename(f"t{tree}", "inner", dst_dir_fd=ends[tree - 1])`,
  'a full file system': `
for d in ("/workspace", "/tmp", "/dev/shm"):
  try:
    with open(d + "/full", "wb") as f:
      while True: f.write(bytes(2**16))
  except OSError: pass`,
  'no inode left': `
try:
  for i in range(100000): open("/tmp/i%d" % i, "w").close()
except OSError: pass`,
  daemons: 'subprocess.Popen(["sh", "-c", "setsid sleep 1000 & (sleep 1000 &) & nohup sleep 1000 &"])',
  'a stopped child': 'p = subprocess.Popen(["sleep", "1000"], start_new_session=True); os.kill(p.pid, signal.SIGSTOP)',
  'a stopped parent of a busy child': 'p = subprocess.Popen(["sh", "-c", "while :; do :; done & kill -STOP $$"], start_new_session=True); time.sleep(0.2)',
  'shared memory, semaphores and message queues': `
libc.shmget(0x1234, 4096, 0o1600); libc.msgget(0x1234, 0o1600); libc.semget(0x1234, 1, 0o1600)
rt.mq_open(b"/queue", os.O_CREAT | os.O_RDWR, 0o600, None); rt.shm_open(b"/shared", os.O_CREAT | os.O_RDWR, 0o600)`,
  'changed limits of its own': 'resource.setrlimit(resource.RLIMIT_NOFILE, (10, 10)); os.nice(10); os.umask(0o777)',
  'changed limits of the agent': `
for action in (lambda: resource.prlimit(1, resource.RLIMIT_NOFILE, (64, 64)), lambda: os.setpriority(os.PRIO_PROCESS, 1, 19), lambda: os.sched_setaffinity(1, {0})):
  try: action()
  except OSError: pass`,
  'a pending signal for the agent': 'for s in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD, signal.SIGRTMIN): os.kill(1, s)'
}

const PRELUDE = 'import ctypes, os, resource, signal, subprocess, time\nlibc = ctypes.CDLL(None); rt = libc\n'

describe('a run of the same owner, after one that left', () => {
  it.each(Object.entries(misdeeds))('%s, finds a sandbox as new', async (_name, misdeed) => {
    const fresh = await python(LOOK)
    expect(fresh).toMatchObject({ status: 'completed', error: '' })
    // Whoever takes the agent's limits away may well lose their own run by it.
    const response = await berth.post({ language: 'python', code: PRELUDE + misdeed, timeout: Math.min(8_000 * patience, 60_000) })
    await response.arrayBuffer()
    expect(await python(LOOK)).toMatchObject({ status: 'completed', error: '', output: fresh.output })
  })

  it('a fork bomb, finds a sandbox as new', async () => {
    const fresh = await python(LOOK)
    await python('import os\nwhile True:\n  try: os.fork()\n  except OSError: pass', { timeout: 1000 })
    expect((await python(LOOK)).output).toBe(fresh.output)
  })
})

// An emulated machine needs it all.
const TIMEOUT_MS = 60_000
const HOG = 'x = []\nwhile True: x.append(bytearray(2**20))'

describe('a sandbox in which a program ran out of memory', () => {
  it('serves its owner again, as clean as before, and still tells what ran out of memory', async () => {
    // One who has no other sandbox that could serve while this one is reset.
    const owner = await signUp(berth.origin)
    const run = async (code: string) => (await owner.call<ExecuteResult>('POST', '/api/execute', { language: 'python', code, timeout: TIMEOUT_MS })).body
    const uid = 'import os; print(os.getuid())'
    const before = (await run(uid)).output
    const fresh = await run(LOOK)
    expect((await run(`open("/tmp/left", "w").write("x")\n${HOG}`)).status).toBe('memory_limit')
    await expect.poll(async () => (await run(uid)).output).toBe(before)
    expect((await run(LOOK)).output).toBe(fresh.output)
    expect(await run('import sys; sys.exit(3)')).toMatchObject({ status: 'runtime_error', exitCode: 3 })
  })

  it('still tells when all of it has run out of memory', async () => {
    expect((await python(HOG, { timeout: TIMEOUT_MS })).status).toBe('memory_limit')
    // What lies in /tmp cannot be killed: the agent is.
    const fill = 'open("/tmp/full", "wb").write(bytes(60 * 2**20))\nopen("/dev/shm/full", "wb").write(bytes(60 * 2**20))'
    expect(await python(fill, { memoryLimit: 64 * 2 ** 20, timeout: TIMEOUT_MS })).toMatchObject({ status: 'memory_limit' })
    expect(await python('print(1)')).toMatchObject({ output: '1\n' })
  })

  it('is not blamed on memory when it is killed otherwise', async () => {
    expect((await python(HOG, { timeout: TIMEOUT_MS })).status).toBe('memory_limit')
    // The Engine has told of that by then.
    await python('import time; time.sleep(2.5)')
    const running = berth.post({ language: 'python', code: 'import subprocess; subprocess.run(["sleep", "31.5"])', timeout: 40_000 })
    const victim = await waitFor('the program', async () => {
      for (const { Id } of await docker.containers.list({ filters: { label: [`berth.instance=${berth.instanceId}`, 'berth.runtime=python'] } })) {
        if (JSON.stringify(await docker.containers.top(Id)).includes('sleep 31.5')) return Id
      }
      return undefined
    })
    await docker.containers.kill(victim)
    const response = await running
    expect([response.status, await response.json()]).toEqual([500, expect.objectContaining({ code: 'RUN_FAILED' })])
  })
})

describe('a run of another owner', () => {
  it('gets another sandbox, and the same owner the same', async () => {
    const stranger = await signUp(berth.origin)
    const code = 'import os; print(os.readlink("/proc/self/ns/mnt"))'
    const own = (await python(code)).output
    const { status, body } = await stranger.call<ExecuteResult>('POST', '/api/execute', { language: 'python', code })
    expect([status, body.output]).toEqual([200, expect.stringMatching(/^mnt:\[\d+\]\n$/)])
    expect(body.output).not.toBe(own)
    expect((await python(code)).output).toBe(own)
  })
})
