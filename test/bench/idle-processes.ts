import type { ProcessReport } from '../../src/projects/processes/schemas.ts'
import { userWithKey } from '../live/projects/user.ts'
import { startServerProcess } from '../support/server-process.ts'
import { openTerminal, type TerminalClient } from '../support/terminal-client.ts'
import type { Print } from './measure.ts'
import { residentBytes } from './resident.ts'

const PROJECTS = 4
/** PID 1 keeps 64 at most. */
const EACH = 50

/** Shells that PID 1 of a project keeps, each with a client: what they cost the server. */
export async function benchIdleProcesses (print: Print): Promise<void> {
  const server = await startServerProcess({ RUNTIMES: 'python', PROJECT_CPUS: '2', PROJECT_QUOTA: '100', PROJECT_RUNNING_QUOTA: '100', PROJECT_MEMORY_TOTAL: '64g', TERMINAL_QUOTA: '1000', RATE_LIMIT: 'off' })
  const user = userWithKey(server.origin, server.key)
  const projects = await Promise.all(Array.from({ length: PROJECTS }, async () => (await user.createProject()).id))
  const clients: TerminalClient[] = []
  async function open (project: string): Promise<void> {
    const { body } = await user.call<ProcessReport>('POST', `/projects/${project}/processes`, { cmd: ['/bin/bash', '--norc', '-i'], tty: true })
    const client = openTerminal(`${server.origin}/projects/${project}/processes/${body.id}`, { headers: { 'X-API-Key': server.key } })
    clients.push(client)
    await client.shows(/\$ $/, 60_000)
  }
  try {
    // The first of each has its project started, and the way to its PID 1 opened.
    for (const project of projects) await open(project)
    const before = await residentBytes(server.pid)
    for (let i = 1; i < EACH; i++) await Promise.all(projects.map(open))
    const perShell = (await residentBytes(server.pid) - before) / (PROJECTS * (EACH - 1))
    print(`${PROJECTS * EACH} idle shells kept by PID 1, each with a socket: ${(perShell / 1e3).toFixed(0)} KB of the server each (target 100)`)
  } finally {
    await Promise.all(clients.map(async (client) => await client.close()))
    for (const project of projects) await user.remove(project)
    await server.stop()
  }
}
