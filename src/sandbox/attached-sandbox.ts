import type { Readable } from 'node:stream'
import { isDockerError, type ContainerCreateBody, type DockerClient } from '../docker/index.ts'
import { connectAgent, type AgentConnection, type AgentStream } from './agent-client/connection.ts'

const START_DEADLINE_MS = 20_000
const REMOVE_DEADLINE_MS = 15_000
const COMPLAINT_CHARACTERS = 4096

export class SandboxError extends Error {
  override readonly name = 'SandboxError'
}

/** A running container with the agent as PID 1, connected over its attached stdio. */
export interface AttachedSandbox {
  readonly id: string
  readonly agent: AgentConnection
  /** Kills and removes the container. If the Engine cannot, a sweep will: this rejects, and may be called again. */
  readonly remove: () => Promise<void>
}

/** Creates, attaches, starts, and waits for the agent's hello. On failure the container is removed again. */
export async function startAttachedSandbox (docker: DockerClient, body: ContainerCreateBody, signal: AbortSignal): Promise<AttachedSandbox> {
  const { Id: id, Warnings: warnings } = await docker.containers.create(body, {}, { signal, deadlineMs: START_DEADLINE_MS })
  const remove = async (): Promise<void> => {
    await docker.containers.remove(id, { force: true, volumes: true }, { deadlineMs: REMOVE_DEADLINE_MS })
  }
  try {
    // The Engine only warns when it drops a limit that it cannot enforce.
    if (warnings !== null && warnings.length > 0) throw new SandboxError(`the Engine would not harden the sandbox: ${warnings.join('; ')}`)
    const agent = await withinDeadline(START_DEADLINE_MS, signal, async (scope) => await startAgent(docker, id, scope))
    return {
      id,
      agent,
      async remove () {
        agent.close()
        await remove()
      }
    }
  } catch (error) {
    await remove().catch((cause: unknown) => {
      if (!isDockerError(cause)) throw cause
      // The container carries our labels: the sweep removes it when the Engine is well again.
    })
    throw error
  }
}

async function startAgent (docker: DockerClient, id: string, scope: AbortSignal): Promise<AgentConnection> {
  // Attach before start, or the hello is lost.
  const stream = await docker.containers.attach(id, {}, { signal: scope })
  const complaints = collectComplaints(stream.stderr)
  // The agent's client learns of the loss by the stream itself.
  stream.closed.catch(() => undefined)
  try {
    const connecting = connectAgent(stream satisfies AgentStream)
    const [, agent] = await Promise.all([docker.containers.start(id, { signal: scope }), withAbort(connecting, scope)])
    return agent
  } catch (error) {
    stream.destroy()
    const text = complaints()
    throw text === '' ? error : new SandboxError(`the sandbox did not start: ${text}`, { cause: error })
  }
}

/** What the runtime or the agent printed to stderr. It is read to the end: a stream that is full would stop the other. */
function collectComplaints (stderr: Readable): () => string {
  let text = ''
  stderr.on('data', (chunk: Buffer) => {
    if (text.length < COMPLAINT_CHARACTERS) text += chunk.toString()
  })
  return () => text.trim()
}

/**
 * A signal for the time of the work: not aborted any more when that is done. The attached stream outlives the start, and
 * whatever aborts the signal that it was opened with would cut it.
 */
async function withinDeadline<T> (deadlineMs: number, signal: AbortSignal, work: (scope: AbortSignal) => Promise<T>): Promise<T> {
  const scope = new AbortController()
  const onAbort = (): void => scope.abort(signal.reason)
  const deadline = setTimeout(() => scope.abort(new SandboxError(`the sandbox did not start within ${deadlineMs} ms`)), deadlineMs)
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await work(scope.signal)
  } finally {
    clearTimeout(deadline)
    signal.removeEventListener('abort', onAbort)
  }
}

async function withAbort<T> (promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  let onAbort: () => void = () => undefined
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason as Error)
    signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
