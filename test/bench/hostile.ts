import { setTimeout as sleep } from 'node:timers/promises'
import { startServerProcess, type ServerProcess } from '../support/server-process.ts'
import { PROGRAM } from './bare-spawn.ts'
import { reportLine, type Print } from './measure.ts'
import { residentMb } from './memory.ts'
import { UNLIMITED, createUsers } from './users.ts'

const QUIET_MS = 10_000
const HOSTILE_MS = 60_000
const PAUSE_MS = 100
const SETTLED_MS = 10_000

const MISDEEDS = [
  { code: 'import os\nwhile True:\n  try: os.fork()\n  except OSError: pass', timeout: 2000 },
  { code: 'x = []\nwhile True: x.append(bytearray(2**20))', timeout: 5000 },
  { code: 'while True: print("x" * 1000)', timeout: 5000 },
  { code: 'while True: pass', timeout: 2000 },
  { code: 'import time; time.sleep(30)', timeout: 30_000, leavesAfterMs: 300 }
]

async function post (server: ServerProcess, key: string, body: object, signal?: AbortSignal): Promise<Response> {
  return await fetch(`${server.origin}/api/execute`, {
    method: 'POST',
    headers: { 'X-API-Key': key, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal })
  })
}

async function bePolite (server: ServerProcess, key: string, forMs: number): Promise<number[]> {
  const samples: number[] = []
  for (const end = performance.now() + forMs; performance.now() < end;) {
    const start = performance.now()
    const response = await post(server, key, { language: 'python', code: PROGRAM })
    const { output } = await response.json() as { output?: string }
    if (output !== 'hi\n') throw new Error(`the polite user got ${response.status}`)
    samples.push(performance.now() - start)
    await sleep(PAUSE_MS)
  }
  return samples
}

async function beHostile (server: ServerProcess, key: string, misdeed: typeof MISDEEDS[number], until: AbortSignal): Promise<number> {
  const { leavesAfterMs, ...body } = misdeed
  let count = 0
  while (!until.aborted) {
    // Not AbortSignal.any with a timeout: fetch holds it so weakly that it may be collected before it fires.
    const leaving = new AbortController()
    const leave = (): void => leaving.abort()
    const timer = leavesAfterMs === undefined ? undefined : setTimeout(leave, leavesAfterMs)
    until.addEventListener('abort', leave)
    try {
      const response = await post(server, key, { language: 'python', ...body }, leaving.signal)
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

/** One polite user beside five who each do their worst for a minute. */
export async function benchHostile (print: Print): Promise<void> {
  const server = await startServerProcess(UNLIMITED)
  try {
    const [polite = '', ...hostile] = await createUsers(server, 1 + MISDEEDS.length)
    const quiet = await bePolite(server, polite, QUIET_MS)
    const memoryBefore = await residentMb(server.pid)
    let memorySettled = 0
    setTimeout(() => { void residentMb(server.pid).then((mb) => { memorySettled = mb }) }, SETTLED_MS)
    const ending = new AbortController()
    const misdeeds = Promise.all(MISDEEDS.map(async (misdeed, index) => await beHostile(server, hostile[index] ?? '', misdeed, ending.signal)))
    const besides = await bePolite(server, polite, HOSTILE_MS)
    ending.abort()
    const counts = await misdeeds
    print('a polite user beside fork bombs, memory hogs, floods, endless loops and early leavers, milliseconds')
    print(reportLine('quiet', quiet))
    print(reportLine('beside them (p99 target 5 x)', besides, quiet))
    print(`hostile runs ${counts.join(', ')}; server memory ${memoryBefore.toFixed(0)} MB before, ${memorySettled.toFixed(0)} MB after ten seconds, ${(await residentMb(server.pid)).toFixed(0)} MB at the end`)
  } finally {
    await server.stop()
  }
}
