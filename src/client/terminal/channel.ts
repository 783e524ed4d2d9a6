import type { ClientMessage, Hello, ServerMessage, Size } from '../../protocols/terminal.ts'
import { ABNORMAL, createHeartbeat } from '../connection/heartbeat.ts'
import type { Socket } from '../connection/socket.ts'
import { parseServerMessage } from './parse-message.ts'

// What the server has not been told to be parsed is what it thinks waits here: above 256 KiB it holds the shell back.
const ACK_EVERY_BYTES = 32 * 1024
// Far below the server's limit for one message.
const INPUT_FRAME_BYTES = 32 * 1024

export interface ChannelOptions {
  readonly socket: Socket
  /** How long it may take to open. */
  readonly openMs: number
  /** Takes output; `onParsed` is called when the terminal has gone through it. */
  readonly write: (bytes: Uint8Array, onParsed: () => void) => void
  readonly onHello: (hello: Hello) => void
  readonly onMessage: (message: Exclude<ServerMessage, Hello>) => void
  readonly onClose: (closeCode: number) => void
}

export type Channel = ReturnType<typeof openChannel>

/** One WebSocket that speaks term.v1, from its making to its close. */
export function openChannel ({ socket, openMs, write, onHello, onMessage, onClose }: ChannelOptions) {
  let isOpen = false
  let isDone = false
  let position: number | undefined
  let replayToReceive = 0
  let replayToParse = 0
  let unacked = 0
  const heartbeat = createHeartbeat(socket, openMs, () => {
    end(ABNORMAL)
    socket.close()
  })

  function sendMessage (message: ClientMessage): void {
    if (isOpen) socket.send(JSON.stringify(message))
  }

  function acknowledge (bytes: number): void {
    unacked += bytes
    if (unacked < ACK_EVERY_BYTES) return
    sendMessage({ type: 'ack', bytes: unacked })
    unacked = 0
  }

  function receiveBytes (bytes: Uint8Array): void {
    position = (position ?? 0) + bytes.length
    // Old and new bytes are parsed apart, so that it is exact from where on the terminal may answer.
    const old = bytes.subarray(0, replayToReceive)
    replayToReceive -= old.length
    if (old.length > 0) {
      write(old, () => {
        replayToParse -= old.length
        acknowledge(old.length)
      })
    }
    const live = bytes.subarray(old.length)
    if (live.length > 0) write(live, () => acknowledge(live.length))
  }

  function receiveMessage (message: ServerMessage): void {
    if (message.type !== 'hello') {
      if (message.type === 'lost') position = (position ?? 0) + message.bytes
      // The server closes after it, and takes nothing more.
      if (message.type === 'exit') isOpen = false
      onMessage(message)
      return
    }
    isOpen = true
    position = message.seq
    replayToReceive = replayToParse = message.replay
    onHello(message)
  }

  function end (closeCode: number): void {
    if (isDone) return
    isOpen = false
    isDone = true
    onClose(closeCode)
  }

  socket.binaryType = 'arraybuffer'
  socket.addEventListener('message', ({ data }) => {
    if (isDone) return
    if (data instanceof ArrayBuffer) return receiveBytes(new Uint8Array(data))
    const message = typeof data === 'string' ? parseServerMessage(data) : undefined
    if (message !== undefined) receiveMessage(message)
  })
  socket.addEventListener('close', ({ code }) => end(code))

  return {
    /** Number of the next byte of output; undefined before the server's hello. */
    get position () { return position },
    /** Whether bytes are being parsed that were written before this client came. */
    get isReplaying () { return replayToParse > 0 },

    sendInput (bytes: Uint8Array<ArrayBuffer>): void {
      if (!isOpen) return
      for (let start = 0; start < bytes.length; start += INPUT_FRAME_BYTES) {
        socket.send(bytes.subarray(start, start + INPUT_FRAME_BYTES))
      }
      heartbeat.expectEcho()
    },
    resize: (size: Size) => sendMessage({ type: 'resize', ...size }),
    /** Finds out whether the connection lives. */
    probe: heartbeat.probe,
    close (): void {
      heartbeat.stop()
      isOpen = false
      isDone = true
      socket.close()
    }
  }
}
