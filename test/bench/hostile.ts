import { fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startServerProcess, type ServerProcess } from '../support/server-process.ts'
import { PROGRAM } from './bare-spawn.ts'
import { MISDEEDS, type HostileClients, type HostileKind } from './hostile-clients.ts'
import { reportLine, type Print } from './measure.ts'
import { residentMb } from './memory.ts'
import { UNLIMITED, createUsers } from './users.ts'

const QUIET_MS = 10_000
const HOSTILE_MS = Number(process.env.HOSTILE_MS ?? 60_000)
const PAUSE_MS = 100
const SETTLED_MS = 10_000

export async function bePolite (server: ServerProcess, key: string, forMs: number): Promise<number[]> {
  const samples: number[] = []
  for (const end = performance.now() + forMs; performance.now() < end;) {
    const start = performance.now()
    const response = await fetch(`${server.origin}/api/execute`, {
      method: 'POST',
      headers: { 'X-API-Key': key, 'Content-Type': 'application/json' },
      body: JSON.stringify({ language: 'python', code: PROGRAM })
    })
    const { output } = await response.json() as { output?: string }
    if (output !== 'hi\n') throw new Error(`the polite user got ${response.status}`)
    samples.push(performance.now() - start)
    await sleep(PAUSE_MS)
  }
  return samples
}

/** One polite user beside some who each do their worst for a minute. */
export async function benchHostile (kind: HostileKind, print: Print): Promise<void> {
  const misdeeds = Object.keys(MISDEEDS[kind])
  const server = await startServerProcess(UNLIMITED)
  try {
    const [polite = '', ...hostile] = await createUsers(server, 1 + misdeeds.length)
    const quiet = await bePolite(server, polite, QUIET_MS)
    const memoryBefore = await residentMb(server.pid)
    let memorySettled = 0
    setTimeout(() => { void residentMb(server.pid).then((mb) => { memorySettled = mb }) }, SETTLED_MS)
    const others = fork(path.join(import.meta.dirname, 'hostile-clients.ts'))
    others.send({ origin: server.origin, keys: hostile, kind } satisfies HostileClients)
    const besides = await bePolite(server, polite, HOSTILE_MS)
    others.send('end')
    const [counts] = await once(others, 'message') as [number[]]
    print(`a polite user beside ${misdeeds.join(', ')}, milliseconds`)
    print(reportLine('quiet', quiet))
    print(reportLine('beside them (p99 target 5 x)', besides, quiet))
    print(`hostile runs ${counts.join(', ')}; server memory ${memoryBefore.toFixed(0)} MB before, ${memorySettled.toFixed(0)} MB after ten seconds, ${(await residentMb(server.pid)).toFixed(0)} MB at the end`)
  } finally {
    await server.stop()
  }
}
