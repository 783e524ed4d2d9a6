import { Pool } from 'undici'
import { startServerProcess } from '../support/server-process.ts'
import { bareSpawn, PROGRAM } from './bare-spawn.ts'
import { createExecute } from './execute.ts'
import { interleave, reportLine, type Print } from './measure.ts'

const ROUNDS = 60
const WARM_UP = 10

/** What gVisor costs: the same warm runs with it and without it. The Engine must have the runtime `runsc`. */
export async function benchGvisor (print: Print): Promise<void> {
  const languages = { RUNTIMES: 'python,javascript' }
  const servers = await Promise.all([startServerProcess(languages), startServerProcess({ ...languages, SANDBOX_RUNTIME: 'runsc' })])
  const clients = servers.map(({ origin }) => new Pool(origin, { connections: 1 }))
  try {
    const [plain, gvisor] = servers.map((server, i) => createExecute(server, clients[i] as Pool))
    if (plain === undefined || gvisor === undefined) throw new Error('two servers')
    const samples = await interleave(ROUNDS, await warmed({
      bare: bareSpawn,
      plain: async () => { await plain('python', PROGRAM) },
      gvisor: async () => { await gvisor('python', PROGRAM) },
      plainNode: async () => { await plain('javascript', 'console.log("hi")') },
      gvisorNode: async () => { await gvisor('javascript', 'console.log("hi")') }
    }))
    print(`POST /api/execute, warm, with gVisor and without, ${ROUNDS} rounds, milliseconds`)
    print(reportLine('bare spawn of /usr/bin/python3', samples.bare))
    print(reportLine('python', samples.plain, samples.bare))
    print(reportLine('python under gVisor, beside python', samples.gvisor, samples.plain))
    print(reportLine('javascript', samples.plainNode, samples.bare))
    print(reportLine('javascript under gVisor, beside javascript', samples.gvisorNode, samples.plainNode))
  } finally {
    await Promise.all(clients.map(async (client) => await client.close()))
    await Promise.all(servers.map(async (server) => await server.stop()))
  }
}

async function warmed<T extends Record<string, () => Promise<void>>> (cases: T): Promise<T> {
  await interleave(WARM_UP, cases)
  return cases
}
