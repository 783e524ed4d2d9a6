import { KEY_PROTOCOL } from '../../protocols/sockets.ts'
import { keyOf, type Key } from '../rest/client.ts'
import { ABNORMAL } from './heartbeat.ts'
import type { Socket } from './socket.ts'

/** The WebSocket of browsers and of Node from 22 on, or the one of the package `ws`. */
export type SocketClass = new (url: string, protocols: string[]) => Socket

export interface SocketsOptions {
  readonly origin: string
  readonly key?: Key | undefined
  readonly WebSocket?: SocketClass | undefined
}

export type OpenSocket = (path: string, protocol: string) => Socket

/** Opens sockets of the server. A key goes along as a subprotocol, as pages can set no header. */
export function createSockets ({ origin, key, WebSocket = globalThis.WebSocket as SocketClass | undefined }: SocketsOptions): OpenSocket {
  function open (path: string, protocols: string[]): Socket {
    if (WebSocket === undefined) throw new Error('There is no WebSocket here: Node before 22 has none, so give createBerth one, such as that of the package "ws".')
    return new WebSocket(origin.replace(/^http/, 'ws') + path, protocols)
  }

  return (path, protocol) => {
    if (key === undefined) return open(path, [protocol])
    if (typeof key === 'string') return open(path, [protocol, KEY_PROTOCOL + key])
    return openLater(keyOf(key).then((value) => open(path, [protocol, KEY_PROTOCOL + value])))
  }
}

/** A socket whose key is being fetched. Without one it closes, as a lost connection does. */
function openLater (opening: Promise<Socket>): Socket {
  const listeners: Array<(socket: Socket) => void> = []
  let socket: Socket | undefined
  let isClosed = false
  let onFailure = (_event: { code: number }): void => undefined

  opening.then((opened) => {
    if (isClosed) return opened.close()
    socket = opened
    for (const listen of listeners) listen(opened)
  }, () => onFailure({ code: ABNORMAL }))

  return {
    binaryType: 'arraybuffer',
    addEventListener (type: string, listener: (event: never) => void): void {
      if (type === 'close') {
        const before = onFailure
        onFailure = (event) => {
          before(event)
          listener(event as never)
        }
      }
      listeners.push((opened) => {
        opened.binaryType = 'arraybuffer'
        opened.addEventListener(type as 'close', listener as (event: { code: number }) => void)
      })
    },
    send: (data) => socket?.send(data),
    close (): void {
      isClosed = true
      socket?.close()
    }
  }
}
