import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitFor } from '../../support/wait-for.ts'
import { signUp, type User } from '../projects/user.ts'
import { startBerth, type Berth } from '../support/berth.ts'

// How a program takes one more of what the kernel counts by user or for the whole machine.
const COUNTERS = {
  'inotify instances': 'check(libc.inotify_init1(0))',
  'pending signals': 'check(libc.sigqueue(os.getpid(), signal.SIGRTMIN, ctypes.c_void_p(1)))',
  'POSIX timers': 'check(libc.timer_create(1, None, ctypes.byref(ctypes.c_void_p())))',
  'descriptors in flight': `
pair = socket.socketpair(); kept.append(pair)
for _ in range(20): pair[0].sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0] * 50))])`,
  'pages of pipes': 'pipe = os.pipe(); kept.append(pipe); fcntl.fcntl(pipe[0], fcntl.F_SETPIPE_SZ, 2**20)',
  'bytes of message queues': `
name = b"/q%d-%d" % (os.getpid(), len(kept)); kept.append(name)
check(libc.mq_open(name, os.O_CREAT | os.O_RDWR, 0o600, (ctypes.c_long * 8)(0, 10, 8192)))`,
  'pseudo-terminals': 'kept.append(os.openpty())'
}

const BEGINNING = `
import array, ctypes, fcntl, os, signal, socket, time
libc = ctypes.CDLL(None, use_errno=True)
kept = []
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGRTMIN})
def check(result):
  if result < 0: raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
def take():
`
const takeOf = (code: string): string => BEGINNING + code.trim().split('\n').map((line) => `  ${line}\n`).join('')
const one = (code: string): string => `${takeOf(code)}
try: take(); print("ok")
except OSError as e: print(e.strerror)`
const all = (code: string): string => `${takeOf(code)}
n = 0
try:
  while n < 50000: take(); n += 1
except OSError: pass
open("taken", "w").write(str(n))
time.sleep(600)`

let berth: Berth
let greedy: User
let other: User
let greedyId: string
let otherId: string
beforeAll(async () => {
  berth = await startBerth({ RUNTIMES: 'python' })
  ;[greedy, other] = await Promise.all([signUp(berth.origin), signUp(berth.origin)])
  ;({ id: greedyId } = await greedy.createProject())
  ;({ id: otherId } = await other.createProject())
  await Promise.all([greedy.start(greedyId), other.start(otherId)])
})
afterAll(async () => {
  await Promise.all([greedy.remove(greedyId), other.remove(otherId)])
  await berth.stop()
})

const run = async (user: User, id: string, code: string): Promise<string> => {
  const { output, error } = await user.exec(id, ['python3', '-c', code])
  return output.trim() || error
}

describe.each(Object.entries(COUNTERS))('when one user holds all %s', (_name, code) => {
  it('has none left for himself, and another one has', async () => {
    const holding = new AbortController()
    const hog = greedy.send('POST', `/projects/${greedyId}/exec`, { cmd: ['python3', '-c', all(code)] }, { signal: holding.signal }).catch(() => undefined)
    try {
      await waitFor('all to be taken', async () => /^\d+$/.test((await greedy.exec(greedyId, ['cat', 'taken'])).output), 60_000)
      expect(await run(greedy, greedyId, one(code))).not.toBe('ok')
      expect(await run(other, otherId, one(code))).toBe('ok')
    } finally {
      holding.abort()
      await hog
      await greedy.exec(greedyId, ['rm', '-f', 'taken'])
    }
  })
})

describe('what is counted for the whole machine', () => {
  const program = async (code: string): Promise<string> => {
    const { output, error } = await berth.execute({ language: 'python', code })
    return output.trim() || error
  }

  it('is not there for runs: pseudo-terminals', async () => {
    expect(await program(one(COUNTERS['pseudo-terminals']))).toMatch(/No such file/)
    expect(await program('import os\nfor p in ("/dev/ptmx", "/dev/pts/ptmx", "/dev/pts/x"):\n  try: os.open(p, os.O_RDWR | os.O_CREAT); print("opened")\n  except OSError as e: pass\nprint("none")')).toBe('none')
  })

  it('is not there for anybody: contexts of AIO, keys', async () => {
    const code = 'import ctypes, errno\nlibc = ctypes.CDLL(None, use_errno=True)\nfor call in (libc.syscall(206, 4, ctypes.byref(ctypes.c_void_p())), libc.syscall(248, b"user", b"k", b"v", 1, -2)): print(call)'
    expect(await program(code)).toBe('-1\n-1')
    expect(await run(other, otherId, code)).toBe('-1\n-1')
  })
})

describe('the user of a sandbox', () => {
  it('is another one for each project, and has a name', async () => {
    const who = 'import os, pwd; print(os.getuid(), os.getgid(), pwd.getpwuid(os.getuid())[0], os.stat("/workspace").st_uid, os.stat("/tmp").st_uid)'
    const [mine, theirs] = await Promise.all([run(greedy, greedyId, who), run(other, otherId, who)])
    const [uid = ''] = mine.split(' ')
    expect(mine).toBe([uid, uid, 'sandbox', uid, uid].join(' '))
    expect(Number(uid)).toBeGreaterThan(2 ** 20)
    expect(theirs.split(' ')[0]).not.toBe(uid)
  })

  it('is another one for each run sandbox, and has a name', async () => {
    const code = 'import getpass, os, pwd\nprint(os.getuid(), pwd.getpwuid(os.getuid()).pw_name, os.stat("/workspace").st_uid)'
    const [uid = '', name, owner] = (await berth.execute({ language: 'python', code })).output.trim().split(' ')
    expect([name, owner]).toEqual(['sandbox', uid])
    expect(Number(uid)).toBeGreaterThan(2 ** 30)
  })
})
