import type { Socket } from '../../../src/web/terminal/socket.ts'

export type ScriptedSocket = ReturnType<typeof createScriptedSocket>

/** A WebSocket whose server is the test. */
export function createScriptedSocket () {
  const sent: Array<string | Uint8Array> = []
  let isClosed = false
  const socket: Socket = {
    binaryType: 'blob',
    onmessage: null,
    onclose: null,
    send: (data) => { sent.push(data) },
    close: () => { isClosed = true }
  }
  return {
    socket,
    get isClosed () { return isClosed },
    /** Control messages that the client has sent. */
    get messages () { return sent.filter((data) => typeof data === 'string').map((data) => JSON.parse(data) as Record<string, unknown>) },
    /** Terminal bytes that the client has sent, frame by frame. */
    get frames () { return sent.filter((data) => typeof data !== 'string') },
    get input () { return Buffer.concat(sent.filter((data) => typeof data !== 'string')).toString() },
    say: (message: unknown) => socket.onmessage?.({ data: typeof message === 'string' ? message : JSON.stringify(message) }),
    hello: (fields: Record<string, unknown> = {}) => socket.onmessage?.({
      data: JSON.stringify({ type: 'hello', terminal: 't1', seq: 0, cols: 80, rows: 24, replay: 0, ...fields })
    }),
    output: (bytes: string | number) => {
      const data = typeof bytes === 'number' ? new Uint8Array(bytes) : new TextEncoder().encode(bytes)
      socket.onmessage?.({ data: data.buffer })
    },
    drop: (code = 1006) => socket.onclose?.({ code, reason: '' })
  }
}
