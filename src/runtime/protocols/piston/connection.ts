import type { WebSocket } from 'ws'
import { errors } from '../../../errors.ts'
import type { SignalName } from '../../../lib/signals.ts'
import type { Session } from '../../runs/session.ts'
import { closings, isSignalName, presentMessage, type Closing, type JobMessage } from './messages.ts'

const INITIALIZATION_MS = 1_000
const MAX_EARLY_SIGNALS = 16

type Fields = Readonly<Record<string, unknown>>

export interface ConnectionOptions {
  /** Begins the job of an `init` message. */
  readonly start: (init: Fields) => Promise<Session>
  /** What may be told of an error. */
  readonly describeError: (error: unknown) => { readonly message: string }
  readonly initializationMs?: number
}

export interface JobConnection {
  /** Says why, closes, and kills the job. */
  readonly refuse: (error: unknown) => void
}

/** Speaks Piston's socket protocol: one job, which dies with its socket. */
export function connectJob (socket: WebSocket, { start, describeError, initializationMs = INITIALIZATION_MS }: ConnectionOptions): JobConnection {
  const gone = new AbortController()
  /** The first signals that came when there was no program to take them: they wait for the next stage. */
  const early: SignalName[] = []
  let session: Session | undefined
  let received = Promise.resolve()
  const initialization = setTimeout(() => close(closings.initializationTimeout), initializationMs)

  function end (): void {
    clearTimeout(initialization)
    gone.abort()
    session?.kill('The client went away')
  }

  function close ({ code, reason }: Closing): void {
    end()
    socket.close(code, reason)
  }

  /** Resolves when the message has left, so that a client that does not read holds up nothing but its own messages. */
  async function send (message: JobMessage): Promise<void> {
    // Fails on a socket that has gone, of which `close` tells.
    await new Promise<void>((resolve) => socket.send(JSON.stringify(message), () => resolve()))
  }

  function notify (error: unknown): void {
    if (gone.signal.aborted) return
    void send({ type: 'error', message: error instanceof SyntaxError ? error.message : describeError(error).message })
    close(closings.notifiedError)
  }

  async function begin (init: Fields): Promise<void> {
    clearTimeout(initialization)
    session = await start(init)
    if (gone.signal.aborted) return end()
    void relay(session).catch(notify)
  }

  async function relay (from: Session): Promise<void> {
    const { definition, version } = from.plan.runtime
    await send({ type: 'runtime', language: definition.language, version })
    for await (const message of from.follow({ signal: gone.signal })) {
      if (message.type === 'stage') early.splice(0).forEach(signal)
      const shown = presentMessage(message)
      if (shown !== undefined) await send(shown)
      if (message.type === 'error') return close(closings.notifiedError)
      if (message.type === 'execution_complete') return close(closings.completed)
    }
  }

  function signal (name: SignalName): void {
    try {
      session?.signal(name)
    } catch (error) {
      if (!(error instanceof errors.NOT_RUNNING)) throw error
      if (early.length < MAX_EARLY_SIGNALS) early.push(name)
    }
  }

  function writeInput (data: unknown): void {
    if (typeof data !== 'string') throw new errors.BAD_REQUEST('data is required as a string')
    // What comes after the program's end is nobody's.
    if (session?.finishedAt() === undefined) session?.sendInput(data)
  }

  async function receive (message: unknown): Promise<void> {
    if (gone.signal.aborted) return
    const fields: Fields = typeof message === 'object' && message !== null ? { ...message } : {}
    switch (fields.type) {
      case 'init':
        return session === undefined ? await begin(fields) : close(closings.alreadyInitialized)
      case 'data':
        if (session === undefined) return close(closings.notInitialized)
        return fields.stream === 'stdin' ? writeInput(fields.data) : close(closings.notStdin)
      case 'signal':
        if (session === undefined) return close(closings.notInitialized)
        return isSignalName(fields.signal) ? signal(fields.signal) : close(closings.invalidSignal)
      default:
        // Piston ignores what it does not know.
    }
  }

  socket.on('message', (data: Buffer) => {
    // One after the other: what follows an `init` finds its session.
    received = received.then(async () => await receive(JSON.parse(data.toString()))).catch(notify)
  })
  socket.once('close', end)
  return { refuse: notify }
}
