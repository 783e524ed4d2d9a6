import type { Duplex } from 'node:stream'
import { dialPort } from '../../sandbox/agent-client/dial.ts'
import type { SharedAgents } from '../../sandbox/shared-agents.ts'
import type { ProjectsCore } from '../contract.ts'
import type { Lane } from './line.ts'
import { createSlots } from './slots.ts'

/** Of a project's container, whose agent has 64 channels. */
const FORWARDS = { most: 1024, perOwner: 48 }
const DEADLINE_MS = 10_000

/** The project itself, by whatever name it has for itself. */
export function isOwnHost (host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1)$/i.test(host)
}

/** Connections to ports within the project's own container, through an agent of its own there: they lead nowhere else. */
export function createForwarding ({ agents, core: { start, touch } }: { agents: SharedAgents, core: Pick<ProjectsCore, 'start' | 'touch'> }) {
  const slots = createSlots(FORWARDS)

  async function join ({ channel, closed, send }: Lane, socket: Duplex, projectId: string): Promise<void> {
    closed.addEventListener('abort', () => socket.destroy(), { once: true })
    channel.on('data', () => touch(projectId))
    channel.pipe(socket)
    try {
      for await (const bytes of socket) {
        touch(projectId)
        if (!await send(bytes as Buffer)) break
      }
    } finally {
      socket.destroy()
      channel.end()
    }
  }

  /** Rejects where nothing listens, before a channel is opened. */
  return async function forward (projectId: string, port: number, accept: () => Lane): Promise<void> {
    const { Id } = await start(projectId)
    const release = slots.acquire(Id)
    if (release === undefined) throw new Error('too many connections are forwarded')
    try {
      await agents.use(Id, async (agent) => {
        const socket = await dialPort(agent, port, AbortSignal.timeout(DEADLINE_MS))
        await join(accept(), socket, projectId)
      })
    } finally {
      release()
    }
  }
}
