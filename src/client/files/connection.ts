import type { Control, Notice } from '../../protocols/files.ts'
import { createReconnectingSocket, type ConnectionState, type ReconnectingSocketOptions } from '../connection/reconnecting-socket.ts'
import { parseMessage } from './parse-message.ts'
import { createRequests } from './requests.ts'

export interface ConnectionOptions extends Pick<ReconnectingSocketOptions, 'connect' | 'isVisible' | 'random'> {
  readonly onState: (state: ConnectionState) => void
  readonly onNotice: (notice: Notice) => void
}

export type Connection = ReturnType<typeof openConnection>

/** Requests and notices about a project's files, through as many sockets as it takes. */
export function openConnection ({ onNotice, onState, ...options }: ConnectionOptions) {
  const socket = createReconnectingSocket({
    ...options,
    onState,
    onText: receive,
    onLost: (willRetry) => willRetry ? requests.lost() : requests.abandon()
  })
  const requests = createRequests((message) => void socket.send(message))

  function receive (text: string): void {
    const message = parseMessage(text)
    if (message === undefined) return
    if ('answer' in message) return requests.settle(message.answer)
    const { notice } = message
    if (notice.type === 'error' && notice.path === undefined) socket.explain(notice.message)
    if (notice.type === 'connected') {
      socket.greeted()
      // Before anything is asked for: what happens from then on is heard of.
      const watch: Control = { type: 'watch', path: '/', recursive: true }
      socket.send(watch)
      requests.connected()
    }
    onNotice(notice)
  }

  socket.start()
  return {
    request: requests.request,
    wake: socket.wake,
    restart: socket.restart,
    close (): void {
      socket.close()
      requests.abandon()
    }
  }
}
