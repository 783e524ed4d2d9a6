import type { FastifyError } from '@fastify/error'
import type { RawData, WebSocket } from 'ws'
import { errors } from '../../../errors.ts'
import { createDeferred } from '../../../lib/deferred.ts'
import { describeError } from '../../../http/describe-error.ts'
import { closeCodes } from '../../../protocols/close-codes.ts'
import { TERM_RAW, type ServerMessage } from '../../../protocols/terminal.ts'
import { closeCodeOf } from '../../../sockets/close-code.ts'
import { createSignsOfLife, isPing, sendPong } from '../../../sockets/ping.ts'
import type { Attachable, Handle, TerminalClient } from './attachable.ts'
import { parseClientMessage } from './client-message.ts'

export interface Attaching {
  readonly since: number | undefined
  /** What others type, and how large the terminal is, is not for everybody. */
  readonly mayType: boolean
}

/** One client's WebSocket, from its handshake to its close. */
export interface Connection {
  /** Joins the process; what the client has sent before reaches it now. False if the client has gone meanwhile. */
  readonly attach: (terminal: Attachable, how: Attaching) => boolean
  /** Resolves with whether it has been told how the process ended, and has heard it. */
  readonly closed: Promise<{ hasSeenEnd: boolean }>
  /** Tells why, and closes. */
  readonly refuse: (error: unknown) => void
  /** From here on the client hears nothing of the process any more. */
  readonly detach: () => void
}

// What a client may send before there is a terminal.
const EARLY_BYTES = 64 * 1024
const MISTAKES = 50

/** Must be called in the handshake's own turn: a listener that comes later misses what the client sends at once. */
export function createConnection (ws: WebSocket): Connection {
  const isRaw = ws.protocol === TERM_RAW
  const signsOfLife = createSignsOfLife(ws)
  const closed = createDeferred<{ hasSeenEnd: boolean }>()
  let handle: Handle | undefined
  let mayType = false
  let early: Array<{ data: Buffer, isBinary: boolean }> = []
  let earlyBytes = 0
  let mistakes = 0
  let hasEnded = false

  function sendMessage (message: ServerMessage): void {
    if (!isRaw && ws.readyState === ws.OPEN) ws.send(JSON.stringify(message))
  }

  function pause (): void {
    ws.pause()
    if (!isRaw) signsOfLife.start()
  }

  function resume (): void {
    signsOfLife.stop()
    ws.resume()
  }

  function close (code: number, reason: string): void {
    // A close is answered by a frame, which must be read.
    resume()
    ws.close(code, reason)
  }

  function refuse (error: unknown): void {
    handle?.detach()
    const described = describeError(error)
    sendMessage({ type: 'error', code: described.code, message: described.message })
    close(closeCodeOf(described), described.code)
  }

  function onControl (text: Buffer, terminal: Handle): void {
    const message = parseClientMessage(text)
    if (message === undefined) return reject(new errors.BAD_CONTROL())
    if (message.type === 'resize' && !mayType) return reject(new errors.VIEW_ONLY())
    switch (message.type) {
      case 'ack': return terminal.acknowledge(message.bytes)
      case 'resize': return terminal.resize({ cols: message.cols, rows: message.rows })
    }
  }

  function reject (error: FastifyError): void {
    if (++mistakes > MISTAKES) return refuse(error)
    sendMessage({ type: 'error', code: error.code, message: error.message })
  }

  function onMessage (raw: RawData, isBinary: boolean): void {
    // Always so with the default binaryType.
    const data = raw as Buffer
    if (ws.readyState !== ws.OPEN) return
    if (!isBinary && !isRaw && isPing(data)) return sendPong(ws)
    if (handle === undefined) return buffer(data, isBinary)
    if (!isBinary && !isRaw) onControl(data, handle)
    else if (mayType) handle.write(data)
    else reject(new errors.VIEW_ONLY())
  }

  function buffer (data: Buffer, isBinary: boolean): void {
    early.push({ data, isBinary })
    earlyBytes += data.length
    if (earlyBytes > EARLY_BYTES) pause()
  }

  ws.on('message', onMessage).once('close', (code) => {
    signsOfLife.stop()
    handle?.detach()
    // Whoever answers the close has read what came before it.
    closed.resolve({ hasSeenEnd: hasEnded && code === closeCodes.ended })
  })

  const client: TerminalClient = {
    acknowledges: !isRaw,
    greet: ({ terminal, seq, replay, size }) => sendMessage({ type: 'hello', terminal, seq, ...size, replay }),
    send: (bytes, onFlushed) => ws.send(bytes, onFlushed),
    bufferedBytes: () => ws.bufferedAmount,
    lost: (bytes) => sendMessage({ type: 'lost', bytes }),
    resized: (size) => sendMessage({ type: 'size', ...size }),
    exited (code) {
      hasEnded = true
      sendMessage({ type: 'exit', code })
      close(closeCodes.ended, 'the process has ended')
    },
    setInputPaused (isPaused) {
      if (isPaused) pause()
      else resume()
    }
  }

  return {
    attach (terminal, { since, mayType: mayTypeThere }) {
      if (ws.readyState !== ws.OPEN) return false
      mayType = mayTypeThere
      resume()
      handle = terminal.attach(client, since)
      const waiting = early
      early = []
      for (const { data, isBinary } of waiting) onMessage(data, isBinary)
      return true
    },
    closed: closed.promise,
    refuse,
    detach: () => handle?.detach()
  }
}
