import { randomUUID } from 'node:crypto'
import { createDockerClient, endpointFromEnv } from '../../src/docker/index.ts'
import { userWithKey } from '../live/projects/user.ts'
import { startServerProcess } from '../support/server-process.ts'
import { openTerminal, type TerminalClient } from '../support/terminal-client.ts'
import { createBare } from './bare-project.ts'
import { interleave, reportLine, type Print } from './measure.ts'

const ROUNDS = 15

/** From nothing, and from a stopped project, to a prompt in the browser's protocol, beside what the Engine takes for the container alone. */
export async function benchPrompts (print: Print): Promise<void> {
  const server = await startServerProcess({ RUNTIMES: 'python', PROJECT_QUOTA: '100', PROJECT_RUNNING_QUOTA: '100', PROJECT_MEMORY_TOTAL: '64g', RATE_LIMIT: 'off' })
  const docker = createDockerClient(endpointFromEnv(process.env))
  const user = userWithKey(server.origin, server.key)
  const bare = await createBare(docker)
  const known = { bare: randomUUID(), project: (await user.createProject()).id }
  const containers: string[] = []
  const projects = [known.project]
  const terminals: TerminalClient[] = []

  /** As soon as it is there: what looks again and again would add how long it waits in between. */
  async function prompt (project: string): Promise<void> {
    const terminal = openTerminal(`${server.origin}/terminal/${project}`, { headers: { 'X-API-Key': server.key } })
    terminals.push(terminal)
    await new Promise<void>((resolve, reject) => {
      terminal.ws.on('message', () => { if (terminal.text().endsWith('$ ')) resolve() })
      void terminal.closed.then(({ code, reason }) => reject(new Error(`${code} ${reason}`)))
    })
  }
  const cases = {
    bareNew: async () => { containers.push(await bare.createAndStart(randomUUID())) },
    fresh: async () => {
      const { id } = await user.createProject()
      projects.push(id)
      await prompt(id)
    },
    bareAgain: async () => { containers.push(await bare.createAndStart(known.bare)) },
    again: async () => await prompt(known.project)
  }
  const samples: Record<keyof typeof cases, number[]> = { bareNew: [], fresh: [], bareAgain: [], again: [] }
  try {
    for (let round = 0; round <= ROUNDS; round++) {
      const taken = await interleave(1, cases)
      // The first is for code and connections to be there.
      if (round > 0) for (const name of Object.keys(cases) as Array<keyof typeof cases>) samples[name].push(...taken[name])
      await Promise.all(terminals.splice(0).map(async (terminal) => await terminal.close()))
      await user.stop(known.project)
      for (const id of projects.splice(1)) await user.remove(id)
      for (const id of containers.splice(0)) await bare.remove(id)
    }
    print(`a prompt in the browser's protocol, ${ROUNDS} rounds, milliseconds`)
    print(reportLine('the Engine\'s create + start, new volume', samples.bareNew))
    print(reportLine('new project to a prompt (target 1.15 x)', samples.fresh, samples.bareNew))
    print(reportLine('the Engine\'s create + start, known volume', samples.bareAgain))
    print(reportLine('stopped project to a prompt (target 1.15 x)', samples.again, samples.bareAgain))
  } finally {
    for (const id of containers) await bare.remove(id)
    for (const id of projects) await user.remove(id)
    await bare.close()
    await docker.close()
    await server.stop()
  }
}
