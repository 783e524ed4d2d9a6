import { Pool } from 'undici'
import { startServerProcess } from '../support/server-process.ts'
import { waitFor } from '../support/wait-for.ts'
import { bareSpawn, PROGRAM } from './bare-spawn.ts'
import { createExecute } from './execute.ts'
import { reportLine, type Print } from './measure.ts'

const ROUNDS = 40

/** A sandbox of its own for every run, taken warm from the pool; the pool has its time to refill between two runs. */
export async function benchFresh (print: Print): Promise<void> {
  const server = await startServerProcess({ SANDBOX_REUSE: 'never' })
  const client = new Pool(server.origin, { connections: 1 })
  const hasWarm = async (): Promise<boolean> => {
    const response = await fetch(`${server.origin}/api/system`, { headers: { 'X-API-Key': server.key } })
    return ((await response.json()) as { capacity: { warm: Record<string, number> } }).capacity.warm.python !== 0
  }
  try {
    const execute = createExecute(server, client)
    const bare: number[] = []
    const fresh: number[] = []
    const timed = async (samples: number[], run: () => Promise<unknown>): Promise<void> => {
      const start = performance.now()
      await run()
      samples.push(performance.now() - start)
    }
    for (let round = 0; round < ROUNDS; round++) {
      await waitFor('a warm sandbox', hasWarm)
      await timed(bare, bareSpawn)
      await timed(fresh, async () => await execute('python', PROGRAM))
    }
    print(`python hello in a sandbox that is used once, ${ROUNDS} rounds, milliseconds`)
    print(reportLine('bare spawn of /usr/bin/python3', bare))
    print(reportLine('fresh warm sandbox through HTTP (target 1.50 x)', fresh, bare))
  } finally {
    await client.close()
    await server.stop()
  }
}
