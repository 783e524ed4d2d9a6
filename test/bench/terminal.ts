import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDockerClient, endpointFromEnv, type DockerClient } from '../../src/docker/index.ts'
import { userWithKey } from '../live/projects/user.ts'
import { startServerProcess, type ServerProcess } from '../support/server-process.ts'
import { openTerminal, type TerminalClient } from '../support/terminal-client.ts'
import type { Print } from './measure.ts'
import { residentBytes } from './resident.ts'
import { BULK, ECHO, measureBulk, measureEcho } from './terminal/cases.ts'
import { openOurLine, openRawLine, type Line } from './terminal/lines.ts'

const IDLE_PROJECTS = 5
const IDLE_TERMINALS = 200
const IDLE_MS = 5_000
const FLOOD_MS = 5_000

interface Scene {
  readonly server: ServerProcess
  readonly docker: DockerClient
  readonly containerId: string
  readonly url: string
}

/** Terminals through our WebSocket beside the Engine's own socket, the same program in the same container. */
export async function benchTerminal (print: Print): Promise<void> {
  const server = await startServerProcess({
    PROJECT_CPUS: '2',
    PROJECT_MEMORY: '1g',
    TERMINAL_QUOTA: '1000',
    RATE_LIMIT: 'off'
  })
  const docker = createDockerClient(endpointFromEnv(process.env))
  const user = userWithKey(server.origin, server.key)
  const project = await user.createProject()
  try {
    const { containerId } = await user.start(project.id)
    const scene = { server, docker, containerId: containerId ?? '', url: `${server.origin}/terminal/${project.id}` }
    await benchEcho(print, scene, 'idle')
    await withYes(scene, async () => await benchEcho(print, scene, 'beside yes'))
    await benchBulk(print, scene)
    await benchFlood(print, scene)
    await benchIdle(print, server)
  } finally {
    await user.remove(project.id)
    await docker.close()
    await server.stop()
  }
}

async function withLines (scene: Scene, script: string, measure: (lines: { raw: Line, ours: Line }) => Promise<void>): Promise<void> {
  const raw = await openRawLine(scene.docker, scene.containerId, script)
  const ours = await openOurLine(scene.url, scene.server.key, script)
  await measure({ raw, ours })
  await Promise.all([raw.close(), ours.close()])
}

async function benchEcho (print: Print, scene: Scene, circumstance: string): Promise<void> {
  await withLines(scene, ECHO, async (lines) => await measureEcho(print, lines, circumstance))
}

async function withYes ({ server, url }: Scene, measure: () => Promise<void>): Promise<void> {
  const reader = spawn(process.execPath, ['--import', 'tsx', path.join(import.meta.dirname, 'terminal/reader.ts'), url, server.key], { stdio: 'inherit' })
  const exited = once(reader, 'exit')
  await measure()
  reader.kill()
  await exited
}

async function benchBulk (print: Print, scene: Scene): Promise<void> {
  await withLines(scene, BULK, async (lines) => await measureBulk(print, lines))
}

async function benchFlood (print: Print, { server, url }: Scene): Promise<void> {
  const client = openTerminal(url, { headers: { 'X-API-Key': server.key } })
  await client.hello()
  const before = await residentBytes(server.pid)
  client.type('yes\n')
  client.ws.pause()
  let peak = before
  const start = performance.now()
  while (performance.now() < start + FLOOD_MS) {
    peak = Math.max(peak, await residentBytes(server.pid))
    await sleep(50)
  }
  print(`yes and a client that does not read, ${FLOOD_MS / 1000} s: server memory grew by ${((peak - before) / 1e6).toFixed(1)} MB`)
  await client.cut()
}

async function benchIdle (print: Print, server: ServerProcess): Promise<void> {
  const user = userWithKey(server.origin, server.key)
  const projects: string[] = []
  for (let count = 0; count < IDLE_PROJECTS; count++) {
    const { id } = await user.createProject()
    await user.start(id)
    projects.push(id)
  }
  const before = await residentBytes(server.pid)
  const clients: TerminalClient[] = []
  for (const id of projects) {
    const batch = Array.from({ length: IDLE_TERMINALS / IDLE_PROJECTS }, () => openTerminal(`${server.origin}/terminal/${id}`, { headers: { 'X-API-Key': server.key } }))
    clients.push(...batch)
    for (const client of batch) await client.shows(/\$ $/, 60_000)
  }
  const perTerminal = (await residentBytes(server.pid) - before) / IDLE_TERMINALS
  const cpuBefore = await cpuSeconds(server.pid)
  await sleep(IDLE_MS)
  const cpu = (await cpuSeconds(server.pid) - cpuBefore) / (IDLE_MS / 1000)
  print(`${IDLE_TERMINALS} terminals idle: ${(perTerminal / 1e3).toFixed(0)} KB of the server each (target 100); the server uses ${(100 * cpu).toFixed(1)} % of a CPU`)
  await Promise.all(clients.map(async (client) => await client.close()))
  for (const id of projects) await user.remove(id)
}

async function cpuSeconds (pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? []
  // In ticks, of which Linux has a hundred a second on every platform that Node runs on.
  return (Number(fields[11]) + Number(fields[12])) / 100
}
