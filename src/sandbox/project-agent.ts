import type { Readable } from 'node:stream'
import { DockerError, isDockerError, type DockerClient } from '../docker/index.ts'
import { connectAgent, type AgentConnection } from './agent-client/connection.ts'
import { AgentLostError } from './agent-client/errors.ts'
import { AGENT_MOUNT, WORKSPACE } from './container-spec.ts'

const CONNECT_DEADLINE_MS = 10_000

/** The container is not there or not running: nothing can be executed in it. */
export class NotRunningError extends Error {
  override readonly name = 'NotRunningError'
}

/** The container runs, and its PID 1 keeps no processes: it is of an older Berth. */
export class NoInitError extends Error {
  override readonly name = 'NoInitError'
}

/** PID 1 of a running project sandbox, which keeps processes: it lives on when the connection ends. */
export async function openInitAgent (docker: DockerClient, containerId: string): Promise<AgentConnection> {
  try {
    return await openAgent(docker, containerId, ['connect'])
  } catch (error) {
    if (!(error instanceof AgentLostError)) throw error
    const { State } = await docker.containers.inspect(containerId).catch((cause: unknown) => {
      if (isDockerError(cause, 'not_found')) return { State: { Running: false } }
      throw cause
    })
    throw State.Running ? new NoInitError('PID 1 could not be reached', { cause: error }) : new NotRunningError('the container is not running', { cause: error })
  }
}

/**
 * An agent of its own in a running project sandbox, over an exec's stream. When the connection ends, in whatever way,
 * the agent's input ends, and it kills what it has started: so does the end of this server.
 */
export async function openProjectAgent (docker: DockerClient, containerId: string, deadlineMs = CONNECT_DEADLINE_MS): Promise<AgentConnection> {
  return await openAgent(docker, containerId, ['serve', '--root', WORKSPACE], deadlineMs)
}

async function openAgent (docker: DockerClient, containerId: string, command: readonly string[], deadlineMs = CONNECT_DEADLINE_MS): Promise<AgentConnection> {
  const options = { deadlineMs }
  let stream
  try {
    const { Id } = await docker.exec.create(containerId, {
      Cmd: [`${AGENT_MOUNT}/agent`, ...command],
      WorkingDir: WORKSPACE,
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true
    }, options)
    stream = await docker.exec.start(Id, {}, options)
  } catch (error) {
    if (isDockerError(error, 'not_found', 'conflict')) throw new NotRunningError('the container is not running', { cause: error })
    throw error
  }
  // The agent's client learns of the loss by the stream itself.
  stream.closed.catch(() => undefined)
  discard(stream.stderr)
  let isLate = false
  const deadline = setTimeout(() => {
    isLate = true
    stream.destroy()
  }, deadlineMs)
  try {
    return await connectAgent(stream)
  } catch (error) {
    // The container may well be there: it is the Engine that is too slow to start anything in it.
    throw isLate ? new DockerError({ code: 'timeout', operation: 'execStart', message: `the agent did not say hello within ${deadlineMs} ms`, cause: error }) : error
  } finally {
    clearTimeout(deadline)
  }
}

/** Left unread it would stop the whole stream. */
function discard (stderr: Readable): void {
  stderr.resume()
}
