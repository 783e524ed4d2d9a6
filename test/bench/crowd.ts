import { Pool } from 'undici'
import { createDockerClient, endpointFromEnv } from '../../src/docker/index.ts'
import { startServerProcess } from '../support/server-process.ts'
import { PROGRAM } from './bare-spawn.ts'
import { reportLine, type Print } from './measure.ts'
import { residentMb } from './memory.ts'
import { UNLIMITED, createUsers } from './users.ts'

const USERS = 10
const RUNS_OF_EACH = 100

/** A thousand runs at once of ten users: every one is answered, nobody is favoured, memory stays flat, nothing is left. */
export async function benchCrowd (print: Print): Promise<void> {
  const server = await startServerProcess({ ...UNLIMITED, EXEC_QUEUE: '600' })
  const docker = createDockerClient(endpointFromEnv(process.env))
  const client = new Pool(server.origin, { connections: USERS * RUNS_OF_EACH, headersTimeout: 0 })
  const before = new Set((await docker.containers.list({ all: true })).map(({ Id }) => Id))
  let memoryPeak = 0
  // Once more after its end, and then it is gone.
  const watch = setInterval(() => { residentMb(server.pid).then((mb) => { memoryPeak = Math.max(memoryPeak, mb) }, () => undefined) }, 100)
  try {
    const keys = await createUsers(server, USERS)
    const memoryBefore = await residentMb(server.pid)
    memoryPeak = memoryBefore
    let refused = 0
    const run = async (key: string): Promise<number | undefined> => {
      const start = performance.now()
      const { statusCode, headers, body } = await client.request({
        method: 'POST',
        path: '/api/execute',
        headers: { 'x-api-key': key, 'content-type': 'application/json' },
        body: JSON.stringify({ language: 'python', code: PROGRAM })
      })
      const result = await body.json() as { output?: string }
      if (statusCode === 429 && headers['retry-after'] !== undefined) {
        refused++
        return undefined
      }
      if (statusCode !== 200 || result.output !== 'hi\n') throw new Error(`${statusCode} ${JSON.stringify(result)}`)
      return performance.now() - start
    }
    const runAll = async (): Promise<number[][]> => await Promise.all(keys.map(async (key) =>
      (await Promise.all(Array.from({ length: RUNS_OF_EACH }, async () => await run(key)))).filter((ms) => ms !== undefined)))
    const answers = await runAll()
    const [memoryPeakFirst, refusedFirst] = [memoryPeak, refused]
    memoryPeak = 0
    await runAll()
    print(`${USERS * RUNS_OF_EACH} runs submitted at once by ${USERS} users, room for 600 to wait, milliseconds`)
    print(reportLine('all that ran', answers.flat()))
    for (const [index, samples] of answers.entries()) print(reportLine(`  user ${index + 1}: ${samples.length} ran`, samples))
    print(`429 with Retry-After ${refusedFirst}; server memory ${memoryBefore.toFixed(0)} MB before, ${memoryPeakFirst.toFixed(0)} MB at most, ${memoryPeak.toFixed(0)} MB at most when it is done once more`)
  } finally {
    clearInterval(watch)
    await client.close()
    await server.stop()
    const left = (await docker.containers.list({ all: true })).filter(({ Id, Labels }) => !before.has(Id) && 'berth.instance' in Labels)
    print(`containers left behind ${left.length}`)
    await docker.close()
  }
}
