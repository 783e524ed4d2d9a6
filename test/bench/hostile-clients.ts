import { once } from 'node:events'

/** Users who do their worst, in a process of their own: what they cost is not to slow down who measures. */
export interface HostileClients {
  readonly origin: string
  readonly keys: readonly string[]
}

const MISDEEDS = [
  { code: 'import os\nwhile True:\n  try: os.fork()\n  except OSError: pass', timeout: 2000 },
  { code: 'x = []\nwhile True: x.append(bytearray(2**20))', timeout: 5000 },
  { code: 'while True: print("x" * 1000)', timeout: 5000 },
  { code: 'while True: pass', timeout: 2000 },
  { code: 'import time; time.sleep(30)', timeout: 30_000, leavesAfterMs: 300 }
]
export const HOSTILE_USERS = MISDEEDS.length

async function misbehave (origin: string, key: string, misdeed: typeof MISDEEDS[number], until: AbortSignal): Promise<number> {
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
  const [{ origin, keys }] = await once(process, 'message') as [HostileClients]
  const ending = new AbortController()
  process.once('message', () => ending.abort())
  process.send(await Promise.all(MISDEEDS.map(async (misdeed, i) => await misbehave(origin, keys[i] ?? '', misdeed, ending.signal))))
  process.disconnect()
}
