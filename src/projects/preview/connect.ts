import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import type { Duplex } from 'node:stream'
import { createDeferred } from '../../lib/deferred.ts'
import { createFairQueue } from '../../lib/fair-queue.ts'
import { dialPort } from '../../sandbox/agent-client/dial.ts'
import { AgentLostError, AgentOperationError } from '../../sandbox/agent-client/errors.ts'
import { ErrorCode } from '../../sandbox/agent-protocol.ts'
import type { SharedAgents } from '../../sandbox/shared-agents.ts'
import type { Listening } from '../lifecycle/status/listening.ts'
import { UnreachableError } from './unreachable.ts'

const DEADLINE_MS = 5_000
/** Of the agent's 64 channels, so that there is always one for a question in between. */
const TUNNELS_PER_CONTAINER = 48
const TUNNELS_WAITING = 4_096

export interface Destination {
  readonly containerId: string
  readonly port: number
  /** Where `previewPort` is published on our loopback; null where it is not. */
  readonly hostPort: number | null
}

export type Connect = (destination: Destination) => Promise<Duplex>

/**
 * Opens a connection to the app: over the published port if that leads there, else through the agent, which also reaches
 * what is bound to the container's own loopback address and sandboxes without a network. Each is for one request: many a
 * development server handles one connection at a time, and an idle one kept open would block it. Rejects with
 * UnreachableError.
 */
export function createConnect ({ agents, listening, previewPort }: {
  agents: SharedAgents
  listening: Listening
  previewPort: number
}): Connect {
  const tunnels = createFairQueue({ concurrency: Number.MAX_SAFE_INTEGER, perOwner: TUNNELS_PER_CONTAINER, capacity: TUNNELS_WAITING })

  /** The Engine's proxy takes connections to a published port also when nothing is behind it: ask first. */
  async function isPublished ({ containerId, port, hostPort }: Destination, signal: AbortSignal): Promise<boolean> {
    if (hostPort === null || port !== previewPort) return false
    const found = (await listening(containerId, signal)).find((listener) => listener.port === port)
    return found?.loopbackOnly === false
  }

  async function connectPublished (port: number, signal: AbortSignal): Promise<Duplex> {
    const socket = connectTcp({ host: '127.0.0.1', port, noDelay: true })
    try {
      await once(socket, 'connect', { signal })
      return socket
    } catch (error) {
      socket.destroy()
      throw error
    }
  }

  async function tunnel ({ containerId, port }: Destination, signal: AbortSignal): Promise<Duplex> {
    const opened = createDeferred<Duplex>()
    let hasPlace = false
    signal.addEventListener('abort', () => opened.reject(new UnreachableError(hasPlace ? 'stuck' : 'busy', { cause: signal.reason })), { once: true })
    const dial = async (): Promise<void> => await agents.use(containerId, async (agent) => {
      const socket = await dialPort(agent, port, signal)
      opened.resolve(socket)
      // Its place and its agent are free again when it is closed.
      if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve))
    })
    tunnels.run(containerId, async () => {
      hasPlace = true
      await dial()
    }, signal).catch(opened.reject)
    return await opened.promise
  }

  return async (destination) => {
    const signal = AbortSignal.timeout(DEADLINE_MS)
    try {
      if (await isPublished(destination, signal)) {
        // Refused where the Engine is on another machine, and its loopback not ours.
        return await connectPublished(destination.hostPort ?? 0, signal).catch(async () => await tunnel(destination, signal))
      }
      return await tunnel(destination, signal)
    } catch (error) {
      throw error instanceof UnreachableError ? error : new UnreachableError(reasonOf(error, signal), { cause: error })
    }
  }
}

function reasonOf (error: unknown, signal: AbortSignal): UnreachableError['reason'] {
  if (error instanceof AgentOperationError && error.code === ErrorCode.REFUSED) return 'refused'
  if (error instanceof AgentOperationError) return 'busy'
  return signal.aborted || error instanceof AgentLostError ? 'stuck' : 'broken'
}
