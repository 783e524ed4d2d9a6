import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDockerError, type DockerClient, type TerminalSize } from '../docker/index.ts'
import { AGENT_MOUNT, WORKSPACE } from './container-spec.ts'
import { NotRunningError } from './project-agent.ts'

/** The Engine or the agent says why there is no terminal. */
export class TerminalStartError extends Error {
  override readonly name = 'TerminalStartError'
}

export interface ProjectTerminal {
  /** Paused: what the shell prints from its first byte on, and what it is to read. */
  readonly socket: Socket
  readonly resize: (size: TerminalSize) => Promise<void>
  /** After the end of the socket; undefined when the container has ended with it, or the Engine cannot tell. */
  readonly exitCode: () => Promise<number | undefined>
}

const SHELLS = ['/bin/bash', '/usr/local/bin/bash', '/bin/sh']
// PROTOCOL.md: the wrapper's first byte. Anything else is a reason why there is no shell.
const STARTED = 0x06
const OPEN_DEADLINE_MS = 10_000
const REASON_BYTES = 2048
const EXIT_LOOK_MS = 20
const EXIT_LOOKS = 100
// What a shell ends with that was killed, and everybody in a container that was.
const KILLED = 137
const CONTAINER_END_MS = 300

/** Starts a login shell on a TTY of its own, in the given size from its first prompt on. */
export async function openProjectTerminal (docker: DockerClient, containerId: string, { id, serverId, size, env }: {
  id: string
  /** The server process that it belongs to, and ends with. */
  serverId: string
  size: TerminalSize
  /** Beside what every shell has. */
  env: Readonly<Record<string, string>>
}): Promise<ProjectTerminal> {
  const options = { deadlineMs: OPEN_DEADLINE_MS }
  try {
    const { Id: execId } = await docker.exec.create(containerId, {
      Cmd: [`${AGENT_MOUNT}/agent`, 'tty', '--id', id, '--server', serverId, '--size', `${size.cols}x${size.rows}`, '--', ...SHELLS],
      WorkingDir: WORKSPACE,
      Env: [...Object.entries(env).map(([name, value]) => `${name}=${value}`), 'TERM=xterm-256color', 'COLORTERM=truecolor', 'LANG=C.UTF-8', 'USER=sandbox', 'LOGNAME=sandbox', `BERTH_TERMINAL=${id}`],
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      Tty: true
    }, options)
    const { socket } = await docker.exec.startRaw(execId, { tty: true }, options)
    await waitForStart(socket)
    return {
      socket,
      resize: async (to) => await docker.exec.resize(execId, to, options),
      exitCode: async () => {
        const code = await findExitCode(docker, execId)
        return code === KILLED && await hasEnded(docker, containerId) ? undefined : code
      }
    }
  } catch (error) {
    if (isDockerError(error, 'not_found', 'conflict')) throw new NotRunningError('the container is not running', { cause: error })
    throw error
  }
}

/** The Engine reports a command that it cannot start as output of that command. */
async function waitForStart (socket: Socket): Promise<void> {
  const deadline = setTimeout(() => socket.destroy(), OPEN_DEADLINE_MS)
  const reason: Buffer[] = []
  try {
    await new Promise<void>((resolve, reject) => {
      const stopListening = () => socket.pause().off('data', onData).off('end', onEnd).off('close', onEnd)
      const onEnd = () => {
        stopListening()
        socket.destroy()
        reject(new TerminalStartError(Buffer.concat(reason).toString('utf8', 0, REASON_BYTES).trim() || 'it did not begin'))
      }
      const onData = (chunk: Buffer) => {
        if (reason.length > 0 || chunk[0] !== STARTED) return void reason.push(chunk.subarray(0, REASON_BYTES))
        stopListening()
        if (chunk.length > 1) socket.unshift(chunk.subarray(1))
        resolve()
      }
      socket.on('data', onData).once('end', onEnd).once('close', onEnd).resume()
    })
  } finally {
    clearTimeout(deadline)
  }
}

/** The stream ends a little before the Engine knows the exit code. */
async function findExitCode (docker: DockerClient, execId: string): Promise<number | undefined> {
  for (let look = 0; look < EXIT_LOOKS; look++) {
    try {
      const { ExitCode } = await docker.exec.inspect(execId)
      if (ExitCode !== null) return ExitCode
    } catch (error) {
      // 404 and 409 are a container that is gone or does not run; with any other answer nobody knows either.
      if (isDockerError(error)) return undefined
      throw error
    }
    await sleep(EXIT_LOOK_MS)
  }
  return undefined
}

/** The Engine tells of the end of an exec before that of the container which was the reason. */
async function hasEnded (docker: DockerClient, containerId: string): Promise<boolean> {
  try {
    const { exit, cancel } = await docker.containers.wait(containerId, 'not-running')
    const deadline = setTimeout(cancel, CONTAINER_END_MS)
    return await exit.then(() => true, () => false).finally(() => clearTimeout(deadline))
  } catch (error) {
    return isDockerError(error, 'not_found')
  }
}

/** What the agent in a sandbox knows of its terminals. */
export interface TerminalReport {
  readonly id: string
  readonly serverId: string
  /** A job of its shell is in the foreground. */
  readonly isBusy: boolean
}

const AGENT_DEADLINE_MS = 20_000
const REPORT_BYTES = 64 * 1024

/** The terminals of a sandbox, whatever server has started them. It is the guest's word: there may be others than ours in it. */
export async function listProjectTerminals (docker: DockerClient, containerId: string): Promise<TerminalReport[]> {
  const { output } = await runAgent(docker, containerId, ['terminals'])
  return [...output.matchAll(/^([\w-]{1,63}) ([\w-]{1,63}) (busy|idle)$/gm)]
    .map(([, id = '', serverId = '', state]) => ({ id, serverId, isBusy: state === 'busy' }))
}

/** Ends them with everything they have started. Resolves when nothing is left. */
export async function endProjectTerminals (docker: DockerClient, containerId: string, ids: readonly string[]): Promise<void> {
  const { exitCode } = await runAgent(docker, containerId, ['end-terminals', ...ids])
  if (exitCode !== 0) throw new Error(`the agent could not end the terminals ${ids.join(', ')}: exit code ${exitCode}`)
}

async function runAgent (docker: DockerClient, containerId: string, args: readonly string[]): Promise<{ output: string, exitCode: number | undefined }> {
  const { Id } = await docker.exec.create(containerId, {
    Cmd: [`${AGENT_MOUNT}/agent`, ...args],
    AttachStdout: true,
    AttachStderr: true
  })
  const { stdout, stderr, closed, destroy } = await docker.exec.start(Id)
  const deadline = setTimeout(() => destroy(new Error('the agent does not answer')), AGENT_DEADLINE_MS)
  stderr.resume()
  try {
    const [output] = await Promise.all([readText(stdout), closed])
    return { output, exitCode: await findExitCode(docker, Id) }
  } finally {
    clearTimeout(deadline)
  }
}

async function readText (stream: Readable): Promise<string> {
  let text = ''
  for await (const chunk of stream.setEncoding('utf8') as AsyncIterable<string>) {
    if (text.length < REPORT_BYTES) text += chunk
  }
  return text
}
