import type { ScreenSize } from '../../../sandbox/agent-protocol.ts'

export interface Greeting {
  readonly terminal: string
  /** Position of the first byte to come. */
  readonly seq: number
  /** How many of the bytes to come are old. */
  readonly replay: number
  readonly size: ScreenSize
}

/** Whoever looks at a process, as its stream knows it. */
export interface TerminalClient {
  /** Whether it will say how much it has dealt with. */
  readonly acknowledges: boolean
  readonly greet: (greeting: Greeting) => void
  /** Calls back when the bytes have left this server. */
  readonly send: (bytes: Buffer, onFlushed: () => void) => void
  readonly bufferedBytes: () => number
  readonly lost: (bytes: number) => void
  readonly resized: (size: ScreenSize) => void
  /** The last thing that it is told. */
  readonly exited: (code: number) => void
  /** Whether to go on reading what it types. */
  readonly setInputPaused: (isPaused: boolean) => void
}

/** What a client holds of a process. */
export interface Handle {
  /** What somebody has typed. */
  readonly write: (bytes: Buffer) => void
  readonly acknowledge: (bytes: number) => void
  readonly resize: (size: ScreenSize) => void
  readonly detach: () => void
}

/** What a client may look at and type into. */
export interface Attachable {
  /** Greets the client and sends it everything from `since` on, or from the oldest byte that is kept. */
  readonly attach: (client: TerminalClient, since?: number) => Handle
}
