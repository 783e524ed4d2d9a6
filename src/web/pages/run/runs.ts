import { signal } from '@preact/signals'
import { refusalText } from '../../../client/connection/refusals.ts'

export interface Artifact {
  readonly path: string
  readonly mediaType: string
  readonly content: string
}

export interface Result {
  readonly status: string
  readonly exitCode: number | null
  readonly signal: string | null
  readonly executionTime: number
  readonly cpuTime: number
  readonly memory: number
  readonly artifacts?: readonly Artifact[]
}

export type RunState =
  | { readonly name: 'idle' }
  | { readonly name: 'starting' | 'compiling' | 'running' | 'waiting' }
  | { readonly name: 'ended', readonly result: Result }
  | { readonly name: 'refused', readonly code: string, readonly message: string }

export type Stream = 'stdout' | 'stderr' | 'typed'

type Message =
  | { readonly type: 'connected' | 'input_required' }
  | { readonly type: 'stage', readonly stage: 'compile' | 'run' }
  | { readonly type: 'output', readonly stream: 'stdout' | 'stderr', readonly data: string }
  | { readonly type: 'error', readonly code: string, readonly message: string }
  | { readonly type: 'execution_complete' } & Result

export type Runs = ReturnType<typeof createRuns>

/** Runs programs one after the other, each over a socket of its own. */
export function createRuns ({ connect, write, clear }: {
  readonly connect: () => WebSocket
  /** What there is to be seen of the program. */
  readonly write: (stream: Stream, text: string) => void
  readonly clear: () => void
}) {
  const state = signal<RunState>({ name: 'idle' })
  let socket: WebSocket | undefined

  const isOver = (): boolean => ['idle', 'ended', 'refused'].includes(state.peek().name)

  function receive (message: Message): void {
    switch (message.type) {
      case 'connected': return
      case 'stage':
        state.value = { name: message.stage === 'compile' ? 'compiling' : 'running' }
        return
      case 'output':
        write(message.stream, message.data)
        return
      case 'input_required':
        state.value = { name: 'waiting' }
        return
      case 'error':
        state.value = { name: 'refused', code: message.code, message: message.message }
        return
      case 'execution_complete': state.value = { name: 'ended', result: message }
    }
  }

  const say = (message: object): void => socket?.send(JSON.stringify(message))

  return {
    state,
    start (call: object): void {
      socket?.close()
      clear()
      state.value = { name: 'starting' }
      const own = socket = connect()
      own.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
        if (own !== socket || typeof data !== 'string') return
        const message = JSON.parse(data) as Message
        if (message.type === 'connected' && state.peek().name === 'starting') state.value = { name: 'running' }
        receive(message)
      })
      own.addEventListener('close', ({ code }) => {
        if (own === socket && !isOver()) state.value = { name: 'refused', code: 'CONNECTION_LOST', message: refusalText(code) ?? '' }
      })
      // A socket takes nothing before it is open.
      own.addEventListener('open', () => own.send(JSON.stringify({ type: 'execute', ...call })))
    },
    send (line: string): void {
      write('typed', `${line}\n`)
      say({ type: 'input', data: `${line}\n` })
      state.value = { name: 'running' }
    },
    end: (): void => say({ type: 'eof' }),
    stop: (): void => { if (!isOver()) say({ type: 'kill' }) },
    close: (): void => {
      const last = socket
      socket = undefined
      last?.close()
    }
  }
}
