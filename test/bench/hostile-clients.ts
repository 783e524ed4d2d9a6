import { once } from 'node:events'

/** What they do their worst to. */
export type HostileKind = 'machine' | 'server'

/** Users who do their worst, in a process of their own: what they cost is not to slow down who measures. */
export interface HostileClients {
  readonly origin: string
  readonly keys: readonly string[]
  readonly kind: HostileKind
}

interface Misdeed {
  readonly code: string
  readonly timeout: number
  readonly leavesAfterMs?: number
  readonly artifacts?: readonly string[]
  readonly files?: ReadonlyArray<{ readonly path: string, readonly content: string }>
}

const LIBC = 'import ctypes, os, signal, socket, time\nlibc = ctypes.CDLL(None, use_errno=True)\n'
const deepFiles = (depth: number): NonNullable<Misdeed['files']> => Array.from({ length: 990 }, (_, i) => ({ path: `${'a/'.repeat(depth)}${i}`, content: '' }))

export const MISDEEDS: Readonly<Record<HostileKind, Readonly<Record<string, Misdeed>>>> = {
  machine: {
    'fork bombs': { code: 'import os\nwhile True:\n  try: os.fork()\n  except OSError: pass', timeout: 2000 },
    'memory hogs': { code: 'x = []\nwhile True: x.append(bytearray(2**20))', timeout: 5000 },
    floods: { code: 'while True: print("x" * 1000)', timeout: 5000 },
    'endless loops': { code: 'while True: pass', timeout: 2000 },
    'early leavers': { code: 'import time; time.sleep(30)', timeout: 30_000, leavesAfterMs: 300 }
  },
  server: {
    globs: {
      code: 'for i in range(300): open("a" * 240 + str(i), "w").close()',
      timeout: 5000,
      artifacts: Array.from({ length: 32 }, (_, i) => `${'*a'.repeat(10 + i)}b`)
    },
    'deep paths': { code: '1', timeout: 5000, files: deepFiles(2_000) },
    'paths as deep as they may be': { code: '1', timeout: 5000, files: deepFiles(99) },
    'counters of the kernel': {
      code: `${LIBC}signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGRTMIN})
while libc.inotify_init1(0) >= 0: pass
while libc.sigqueue(os.getpid(), signal.SIGRTMIN, ctypes.c_void_p(1)) == 0: pass
while libc.timer_create(1, None, ctypes.byref(ctypes.c_void_p())) == 0: pass
time.sleep(1)`,
      timeout: 5000
    },
    'vsock and io_uring': {
      code: `${LIBC}for _ in range(100_000):
  try: socket.socket(40, socket.SOCK_STREAM).close()
  except OSError: pass
  libc.syscall(425, 4, ctypes.create_string_buffer(120))`,
      timeout: 5000
    }
  }
}

async function misbehave (origin: string, key: string, misdeed: Misdeed, until: AbortSignal): Promise<number> {
  const { leavesAfterMs, ...body } = misdeed
  let count = 0
  while (!until.aborted) {
    // Not AbortSignal.any with a timeout: fetch holds it so weakly that it may be collected before it fires.
    const leaving = new AbortController()
    const leave = (): void => leaving.abort()
    const timer = leavesAfterMs === undefined ? undefined : setTimeout(leave, leavesAfterMs)
    until.addEventListener('abort', leave)
    try {
      const response = await fetch(`${origin}/api/execute`, {
        method: 'POST',
        headers: { 'X-API-Key': key, 'Content-Type': 'application/json' },
        body: JSON.stringify({ language: 'python', ...body }),
        signal: leaving.signal
      })
      await response.arrayBuffer()
    } catch (error) {
      if (!leaving.signal.aborted) throw error
    } finally {
      clearTimeout(timer)
      until.removeEventListener('abort', leave)
    }
    count++
  }
  return count
}

// Forked, not imported.
if (process.send !== undefined) {
  const [{ origin, keys, kind }] = await once(process, 'message') as [HostileClients]
  const ending = new AbortController()
  process.once('message', () => ending.abort())
  process.send(await Promise.all(Object.values(MISDEEDS[kind]).map(async (misdeed, i) => await misbehave(origin, keys[i] ?? '', misdeed, ending.signal))))
  process.disconnect()
}
