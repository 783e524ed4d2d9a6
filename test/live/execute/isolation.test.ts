import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBerth, type Berth } from '../support/berth.ts'

let berth: Berth
beforeAll(async () => { berth = await startBerth({ RUNTIMES: 'python' }) })
afterAll(async () => await berth.stop())

const python = async (code: string, more: Record<string, unknown> = {}) => await berth.execute({ language: 'python', code, ...more })

/** What the sandbox looks like from inside, as the program finds it. */
async function look<T> (expression: string, imports = 'import json, os'): Promise<T> {
  const result = await python(`${imports}\nprint(json.dumps(${expression}))`)
  if (result.status !== 'completed') throw new Error(result.error)
  return JSON.parse(result.output) as T
}

describe('from inside a run sandbox', () => {
  it('the program is an unprivileged user with no capabilities and no way to any', async () => {
    const status = await look<Record<string, string>>('dict(line.rstrip("\\n").split(":\\t", 1) for line in open("/proc/self/status") if ":\\t" in line)')
    const [uid = ''] = status.Uid?.split('\t') ?? []
    expect(Number(uid)).toBeGreaterThan(2 ** 30)
    for (const ids of [status.Uid, status.Gid]) expect(ids?.split('\t')).toEqual(Array(4).fill(uid))
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) expect([set, status[set]]).toEqual([set, '0000000000000000'])
    expect(status.NoNewPrivs).toBe('1')
    expect(status.Seccomp).toBe('2')
  })

  it('the root is read-only and nothing is writable but the scratch directories', async () => {
    const writable = await look<string[]>('[d for d, _, _ in os.walk("/") if not d.startswith(("/proc", "/sys")) and os.access(d, os.W_OK)]')
    expect([...writable].sort()).toEqual(['/dev/mqueue', '/dev/shm', '/tmp', '/workspace'])
    const mounts = await look<string[][]>('[line.split()[1:4] for line in open("/proc/mounts")]')
    const options = (path: string) => mounts.find(([target]) => target === path)?.[2]?.split(',')
    expect(options('/')).toContain('ro')
    expect(options('/berth')).toContain('ro')
    const uid = await look<number>('os.getuid()')
    expect(options('/workspace')).toEqual(expect.arrayContaining(['rw', 'nosuid', 'nodev', 'size=65536k', `uid=${uid}`, `gid=${uid}`]))
    expect(options('/workspace')).not.toContain('noexec')
    expect(options('/tmp')).toEqual(expect.arrayContaining(['rw', 'nosuid', 'nodev']))
  })

  it('there is no network but loopback', async () => {
    expect(await look('sorted(os.listdir("/sys/class/net"))')).toEqual(['lo'])
    const result = await python('import socket\nsocket.create_connection(("1.1.1.1", 53), timeout=2)')
    expect(result.error).toMatch(/Network is unreachable/)
  })

  it('the agent cannot be read, traced, signalled or replaced', async () => {
    const result = await python(`
import ctypes, os, signal
libc = ctypes.CDLL(None, use_errno=True)
def attempt(name, f):
  try: print(name, "worked", f())
  except OSError as e: print(name, e.errno)
attempt("mem", lambda: open("/proc/1/mem", "rb"))
attempt("fd", lambda: os.listdir("/proc/1/fd"))
attempt("environ", lambda: open("/proc/1/environ").read())
attempt("oom", lambda: open("/proc/1/oom_score_adj", "w").write("1000"))
attempt("binary", lambda: open("/berth/agent", "rb"))
attempt("replace", lambda: os.rename("/berth/agent", "/berth/old"))
print("ptrace", libc.ptrace(16, 1, 0, 0), ctypes.get_errno())
for s in range(1, 65):
  try: os.kill(1, s)
  except OSError: pass
print("alive")`)
    expect(result).toMatchObject({ status: 'completed', error: '' })
    expect(result.output).toBe('mem 13\nfd 13\nenviron 13\noom 13\nbinary 13\nreplace 30\nptrace -1 1\nalive\n')
    expect(await python('print("still here")')).toMatchObject({ status: 'completed' })
  })

  it('the limit of processes is really hit', async () => {
    const result = await python(`
import os, time
n = 0
try:
  while n < 1000:
    if os.fork() == 0: time.sleep(60); os._exit(0)
    n += 1
except OSError as e: print(n, e.errno)`)
    const [count, errno] = result.output.trim().split(' ').map(Number)
    const { limits } = berth.app.runtime.readiness.find('python').definition
    expect(errno).toBe(11)
    expect(count).toBeLessThan(limits.pids)
    expect(count).toBeGreaterThan(limits.pids - 5)
  })

  it('a fork bomb ends with its run, and the next one is served', async () => {
    const result = await python('import os\nwhile True:\n  try: os.fork()\n  except OSError: pass', { timeout: 1500 })
    expect(result.status).toBe('timeout')
    expect(await python('print("fine")')).toMatchObject({ status: 'completed', output: 'fine\n' })
  })

  it('files, open files and cores have their limits', async () => {
    const limits = await look<Record<string, [number, number]>>('{n: resource.getrlimit(getattr(resource, "RLIMIT_" + n)) for n in ("CORE", "FSIZE", "NOFILE", "SIGPENDING")}', 'import json, resource')
    expect(limits).toEqual({ CORE: [0, 0], FSIZE: [67_108_864, 67_108_864], NOFILE: [4096, 4096], SIGPENDING: [1024, 1024] })
    expect((await python('open("/workspace/big", "wb").write(bytes(2**26 + 1))')).error).toMatch(/File too large|No space left/)
    expect((await python('f = open("/dev/shm/big", "wb")\nwhile True: f.write(bytes(2**20))')).error).toMatch(/File too large|No space left/)
  })

  it('swap is no way around the memory limit', async () => {
    const limit = await look<string>('open("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes" if os.path.exists("/sys/fs/cgroup/memory") else "/sys/fs/cgroup/memory.swap.max").read().strip()')
    const { memory } = berth.app.runtime.readiness.find('python').definition.limits
    expect([String(memory), '0']).toContain(limit)
  })

  it('nothing of the Engine, the host or the server is in sight', async () => {
    expect(await look('sorted(os.environ)')).toEqual(expect.not.arrayContaining(['API_KEY', 'X_API_KEY', 'DOCKER_HOST']))
    expect(await look('[p for p in ("/var/run/docker.sock", "/run/docker.sock", "/dev/sda", "/dev/mem", "/dev/kmsg") if os.path.exists(p)]')).toEqual([])
    expect(await look('os.listdir("/berth")')).toEqual(['agent'])
  })
})

describe('between two runs of one owner', () => {
  it('nothing of the first is left for the second', async () => {
    const first = await python(`
import os, subprocess, ctypes
for d in ("/workspace", "/tmp", "/dev/shm"):
  os.makedirs(d + "/.hidden/deep"); open(d + "/.hidden/deep/file", "w").write("secret")
  os.chmod(d + "/.hidden/deep", 0)
subprocess.Popen(["sh", "-c", "setsid sleep 1000 & setsid sleep 1000 &"])
libc = ctypes.CDLL(None); libc.shmget(0x1234, 4096, 0o1600); libc.msgget(0x1234, 0o1600); libc.semget(0x1234, 1, 0o1600)
os.chmod("/workspace", 0o700)
print("left")`)
    expect(first).toMatchObject({ output: 'left\n', error: '' })
    const second = await python(`
import os
print([os.listdir(d) for d in ("/workspace", "/tmp", "/dev/shm", "/dev/mqueue")])
print([len(open("/proc/sysvipc/" + n).readlines()) for n in ("shm", "msg", "sem")])
print(oct(os.stat("/workspace").st_mode), len([p for p in os.listdir("/proc") if p.isdigit()]))`)
    expect(second.output).toBe("[['main.py'], [], [], []]\n[1, 1, 1]\n0o40755 2\n")
  })
})
