import { randomUUID } from 'node:crypto'
import type { ServerChannel } from 'ssh2'
import { coalesce } from '../../lib/coalesce.ts'
import { signalName, signalNames, signalNumber } from '../../lib/signals.ts'
import { attachProcess, controlProcess } from '../../sandbox/agent-client/processes.ts'
import type { AgentConnection } from '../../sandbox/agent-client/connection.ts'
import type { AttachResult, ScreenSize } from '../../sandbox/agent-protocol.ts'
import type { ProjectsCore } from '../contract.ts'
import { unlocated } from '../core/running.ts'
import type { ProcessService } from '../processes/service.ts'
import type { Lane } from './line.ts'

export interface ProgramOptions {
  readonly processes: Pick<ProcessService, 'startBound'>
  readonly core: Pick<ProjectsCore, 'touch' | 'hold'>
}

export interface Request {
  readonly projectId: string
  /** A line for the shell; without it a login shell. */
  readonly command: string | undefined
  readonly env: Readonly<Record<string, string>>
  /** Of its terminal. */
  readonly size: ScreenSize | undefined
}

/** What is asked of a program while it runs. */
export interface Program {
  readonly resize: (size: ScreenSize) => void
  /** By its name without `SIG`, as SSH has it. */
  readonly signal: (name: string) => void
  /** Resolves when it has ended, and all that it has printed is sent; rejects where it could not be started or was cut off. */
  readonly ended: Promise<AttachResult>
}

/** What a program is given waits here until it reads, before no more is taken from the client. */
const MOST_UNSENT_BYTES = 256 * 1024
/** That wait for the project. */
const MOST_SIGNALS = 16

/**
 * Runs a shell or a command in a project, which is started if need be, for as long as its channel is open. It is a process as others
 * are, kept by PID 1. What it leaves behind when it ends by itself lives on; so does what has made itself independent, as
 * tmux does, when the channel is cut off: it is not counted to the program's tree by a mark in its environment.
 */
export function createRunner ({ processes, core: { touch, hold } }: ProgramOptions) {
  return function run ({ channel, closed, send }: Lane, { projectId, command, env, size: firstSize }: Request): Program {
    const id = randomUUID()
    const signals: number[] = []
    let size = firstSize
    let agent: AgentConnection | undefined
    // What reads a command or a script is somebody's work until it ends; a shell at a terminal may wait for somebody who has gone home.
    const release = command === undefined && firstSize !== undefined ? () => undefined : hold(projectId)

    /** Of however many sizes the last one counts. One at a time: all who work in the project share the agent's channels. */
    const applySize = coalesce(async () => {
      if (agent !== undefined && size !== undefined) await controlProcess(agent, { id, size }).catch(() => undefined)
    })
    const applySignals = coalesce(async () => {
      for (const signal of signals.splice(0)) if (agent !== undefined) await controlProcess(agent, { id, signal }).catch(() => undefined)
    })

    async function talk (init: AgentConnection, started: Promise<void>): Promise<AttachResult> {
      let sending: Promise<unknown> = Promise.resolve()
      const attachment = attachProcess(init, { id, from: 0, holds: true, closesInput: firstSize === undefined }, {
        onOutput (stream, bytes) {
          touch(projectId)
          const sent = sending.then(async () => { await send(bytes, stream) })
          sending = sent
          return sent
        }
      })
      closed.addEventListener('abort', attachment.detach, { once: true })
      if (closed.aborted) attachment.detach()
      await started
      agent = init
      // It may have changed while the project was started.
      if (size !== firstSize) void applySize()
      const stopFeeding = feed(channel, attachment.sendInput, attachment.endInput, () => touch(projectId))
      try {
        return await attachment.result
      } finally {
        stopFeeding()
        closed.removeEventListener('abort', attachment.detach)
        await sending
        attachment.detach()
      }
    }

    async function perform (): Promise<AttachResult> {
      let result: AttachResult | undefined
      await processes.startBound(unlocated(projectId), id, {
        name: 'ssh',
        cmd: command ?? ['/bin/bash', '-l'],
        env: { ...env, BERTH_PROCESS: '' },
        ...(firstSize === undefined ? {} : { tty: true, size: firstSize })
      }, async (init, started) => { result = await talk(init, started) })
      if (result === undefined) throw new Error('a program ended without a result')
      return result
    }

    return {
      resize (to) {
        size = to
        void applySize()
      },
      signal (name) {
        const known = signalNames.find((other) => other === `SIG${name}`)
        if (known === undefined || signals.length >= MOST_SIGNALS) return
        signals.push(signalNumber(known))
        void applySignals()
      },
      ended: perform().finally(release)
    }
  }
}

/** Passes on what the client sends, as fast as the program reads. Returns how to stop. */
function feed (channel: ServerChannel, sendInput: (bytes: Uint8Array, onSent: () => void) => void, endInput: () => void, onBytes: () => void): () => void {
  let unsent = 0
  const onData = (bytes: Buffer): void => {
    onBytes()
    unsent += bytes.length
    if (unsent > MOST_UNSENT_BYTES) channel.pause()
    sendInput(bytes, () => {
      unsent -= bytes.length
      if (unsent <= MOST_UNSENT_BYTES && channel.isPaused()) channel.resume()
    })
  }
  channel.on('data', onData)
  channel.once('end', endInput)
  return () => {
    channel.off('data', onData).off('end', endInput)
    // It shall come to its end, whoever does not read it.
    channel.resume()
  }
}

const SIGNALS = ['ABRT', 'ALRM', 'FPE', 'HUP', 'ILL', 'INT', 'KILL', 'PIPE', 'QUIT', 'SEGV', 'TERM', 'USR1', 'USR2']
const SIGNALLED = 128

/** Tells the client how a program has ended. */
export function sendExit (channel: ServerChannel, { exitCode, signal }: Pick<AttachResult, 'exitCode' | 'signal'>): void {
  try {
    const name = signal === undefined ? '' : signalName(signal).slice(3)
    if (SIGNALS.includes(name)) channel.exit(name)
    else channel.exit(exitCode ?? SIGNALLED + (signal ?? 0))
    channel.end()
  } catch { /* The client has gone in this moment. */ }
}
