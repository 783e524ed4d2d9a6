import type { RawData, WebSocket } from 'ws'
import { errors } from '../errors.ts'
import { describeError } from '../http/describe-error.ts'
import { closeCodes } from '../protocols/close-codes.ts'
import { closeCodeOf } from './close-code.ts'
import { isPing, sendPong } from './ping.ts'

/** One client's WebSocket. */
export interface Connection {
  /** Aborted when the client has gone or was refused. */
  readonly closed: AbortSignal
  /** The next text frame; undefined when none will come. Throws BAD_MESSAGE for a binary one. */
  readonly read: () => Promise<string | undefined>
  /** Resolves when more may be sent: at once, or, to a client that reads slowly, when it has read. */
  readonly send: (message: object) => Promise<void>
  /** The same of what is text already. */
  readonly sendText: (text: string) => Promise<void>
  /** The message was wrong: says why. Whoever goes on like that is refused. */
  readonly sendError: (error: unknown) => void
  /** Says why, and closes. */
  readonly refuse: (error: unknown) => void
  readonly end: (code?: number, reason?: string) => void
}

const MAX_BUFFERED_BYTES = 1024 ** 2
const MISTAKES = 20

/** Must be called in the handshake's own turn: a listener that comes later misses what the client sends at once. */
export function createConnection (ws: WebSocket): Connection {
  const gone = new AbortController()
  const frames: Array<string | undefined> = []
  let reader: ((ready: void) => void) | undefined
  let mistakes = 0

  ws.on('message', (data: RawData, isBinary: boolean) => {
    if (!isBinary && isPing(data as Buffer)) return sendPong(ws)
    frames.push(isBinary ? undefined : (data as Buffer).toString())
    // One at a time: what nobody has read yet stays with the client.
    ws.pause()
    reader?.()
  })
  ws.once('close', () => {
    gone.abort()
    reader?.()
  })

  function close (code: number, reason: string): void {
    // The answer to a close is a frame, which must be read.
    ws.resume()
    ws.close(code, reason)
    gone.abort()
    reader?.()
  }

  async function sendText (text: string): Promise<void> {
    if (ws.readyState !== ws.OPEN) return
    if (ws.bufferedAmount < MAX_BUFFERED_BYTES) ws.send(text)
    // Fails when the client goes: then there is nothing to wait for either.
    else await new Promise<void>((resolve) => ws.send(text, () => resolve()))
  }

  const send = async (message: object): Promise<void> => await sendText(JSON.stringify(message))

  function refuse (error: unknown): void {
    const description = describeError(error)
    const { code, message } = description
    void send({ type: 'error', code, message })
    close(closeCodeOf(description), code)
  }

  return {
    closed: gone.signal,
    async read () {
      while (frames.length === 0 && !gone.signal.aborted) {
        ws.resume()
        await new Promise<void>((resolve) => { reader = resolve })
      }
      if (gone.signal.aborted) return undefined
      const frame = frames.shift()
      if (frame === undefined) throw new errors.BAD_MESSAGE('it is binary')
      return frame
    },
    send,
    sendText,
    sendError (error) {
      if (++mistakes > MISTAKES) return refuse(error)
      const { code, message } = describeError(error)
      void send({ type: 'error', code, message })
    },
    refuse,
    end: (code = closeCodes.ended, reason = '') => close(code, reason)
  }
}
