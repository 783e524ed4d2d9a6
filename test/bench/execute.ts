import { Pool } from 'undici'
import type { ExecuteResult } from '../../src/runtime/runs/execute-schemas.ts'
import { startServerProcess, type ServerProcess } from '../support/server-process.ts'
import { bareSpawn, PROGRAM } from './bare-spawn.ts'
import { interleave, reportLine, type Print } from './measure.ts'

const ROUNDS = 200
const WARM_UP = 20
/** Runs a program that must print `hi`. */
export function createExecute (server: ServerProcess, client: Pool) {
  return async (language: string, code: string): Promise<ExecuteResult> => {
    const { statusCode, body } = await client.request({
      method: 'POST',
      path: '/api/execute',
      headers: { 'x-api-key': server.key, 'content-type': 'application/json' },
      body: JSON.stringify({ language, code })
    })
    const result = await body.json() as ExecuteResult
    if (statusCode !== 200 || result.output !== 'hi\n') throw new Error(`${statusCode} ${JSON.stringify(result)}`)
    return result
  }
}

/** Warm runs through HTTP beside a bare spawn, one after the other. */
export async function benchExecute (print: Print): Promise<void> {
  const server = await startServerProcess()
  const client = new Pool(server.origin, { connections: 4 })
  try {
    const execute = createExecute(server, client)
    const inside: number[] = []
    const cases = {
      bare: bareSpawn,
      python: async () => { inside.push((await execute('python', PROGRAM)).executionTime) },
      javascript: async () => { await execute('javascript', 'console.log("hi")') },
      bun: async () => { await execute('bun', 'console.log("hi")') }
    }
    await interleave(WARM_UP, cases)
    inside.length = 0
    const samples = await interleave(ROUNDS, cases)
    print(`POST /api/execute, warm, one after the other, ${ROUNDS} rounds, milliseconds`)
    print(reportLine('bare spawn of /usr/bin/python3', samples.bare))
    print(reportLine('python through HTTP (target 1.30 x)', samples.python, samples.bare))
    print(reportLine('  of it the program itself (executionTime)', inside, samples.bare))
    print(reportLine('javascript through HTTP', samples.javascript, samples.bare))
    print(reportLine('bun through HTTP', samples.bun, samples.bare))
  } finally {
    await client.close()
    await server.stop()
  }
}
