import type { Socket } from '../../../src/client/connection/socket.ts'

export type ScriptedSocket = ReturnType<typeof createScriptedSocket>

/** A WebSocket whose server is the test. */
export function createScriptedSocket () {
  const sent: Array<string | Uint8Array> = []
  let isClosed = false
  const listeners: Array<readonly [string, (event: unknown) => void]> = []
  const emit = (type: string, event?: unknown): void => listeners.filter(([name]) => name === type).forEach(([, listener]) => listener(event))
  const socket: Socket = {
    binaryType: 'blob',
    addEventListener: (type: string, listener: (event: never) => void) => {
      listeners.push([type, listener as (event: unknown) => void])
    },
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
    open: () => emit('open'),
    say: (message: unknown) => emit('message', { data: typeof message === 'string' ? message : JSON.stringify(message) }),
    hello: (fields: Record<string, unknown> = {}) => emit('message', {
      data: JSON.stringify({ type: 'hello', terminal: 't1', seq: 0, cols: 80, rows: 24, replay: 0, ...fields })
    }),
    output: (bytes: string | number | Uint8Array) => {
      const data = typeof bytes === 'number' ? new Uint8Array(bytes) : typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes
      emit('message', { data: data.buffer })
    },
    drop: (code = 1006) => emit('close', { code })
  }
}
