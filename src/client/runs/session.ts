import { createReconnectingSocket, type ConnectionState, type ReconnectingSocketOptions } from '../connection/reconnecting-socket.ts'
import { parseRunMessage, type RunMessage, type RunResult } from './messages.ts'

export interface RunOptions extends Pick<ReconnectingSocketOptions, 'isVisible' | 'random'> {
  /** The socket that joins the session, behind the output message `since`. */
  readonly connect: (since: number) => ReturnType<ReconnectingSocketOptions['connect']>
  readonly onOutput?: (data: string, stream: 'stdout' | 'stderr') => void
  /** The program waits for input. */
  readonly onInputRequired?: () => void
  readonly onStage?: (stage: 'compile' | 'run') => void
  readonly onState?: (state: ConnectionState) => void
}

export type Run = ReturnType<typeof joinRun>

/** The run is over for this client, and how it ended is not known to it. */
export class RunLostError extends Error {
  override readonly name = 'RunLostError'
}

const ignore = (): void => undefined

/** A program that runs, through as many sockets as it takes: its output comes once, in order. */
export function joinRun ({ connect, onOutput = ignore, onInputRequired = ignore, onStage = ignore, onState = ignore, ...options }: RunOptions) {
  let since = 0
  let settle: { readonly resolve: (result: RunResult) => void, readonly reject: (error: RunLostError) => void } | undefined
  const result = new Promise<RunResult>((resolve, reject) => { settle = { resolve, reject } })
  // Whoever wants to know of it asks for the result.
  result.catch(ignore)

  const socket = createReconnectingSocket({
    ...options,
    connect: () => connect(since),
    onText (text) {
      const message = parseRunMessage(text)
      if (message !== undefined) receive(message)
    },
    onLost: ignore,
    onState (state) {
      if (state.name === 'refused') settle?.reject(new RunLostError(state.message))
      onState(state)
    }
  })

  function receive (message: RunMessage): void {
    switch (message.type) {
      case 'connected': return socket.greeted()
      case 'stage': return onStage(message.stage)
      case 'input_required': return onInputRequired()
      case 'error': return socket.explain(message.message)
      case 'output':
        if (message.seq <= since) return
        since = message.seq
        return onOutput(message.data, message.stream)
      case 'execution_complete':
        socket.close()
        settle?.resolve(message)
    }
  }

  socket.start()
  return {
    /** Resolves when the program has ended, however; rejects with a RunLostError when the server does not let this client join. */
    result,
    /** These are false without a connection: then nothing was sent. */
    sendInput: (data: string): boolean => socket.send({ type: 'input', data }),
    endInput: (): boolean => socket.send({ type: 'eof' }),
    signal: (signal: string): boolean => socket.send({ type: 'signal', signal }),
    kill: (): boolean => socket.send({ type: 'kill' }),
    wake: socket.wake,
    /** Leaves. The program is killed when nobody has come back for a while. */
    close (): void {
      socket.close()
      settle?.reject(new RunLostError('The run was left.'))
    }
  }
}
