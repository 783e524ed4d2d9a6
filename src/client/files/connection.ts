import { attempting, createRetry } from '../connection/retry.ts'
import type { Control, Notice } from '../../protocols/files.ts'
import { refusalText } from '../connection/refusals.ts'
import type { Socket } from '../connection/socket.ts'
import { parseMessage } from './parse-message.ts'
import { createRequests } from './requests.ts'
import type { ConnectionState } from './state.ts'

export interface ConnectionOptions {
  readonly connect: () => Socket
  readonly onState: (state: ConnectionState) => void
  readonly onNotice: (notice: Notice) => void
  /** Nobody looks at a hidden page, so it does not keep on trying. */
  readonly isVisible: () => boolean
  readonly random: () => number
}

export type Connection = ReturnType<typeof openConnection>

/** Requests and notices about a project's files, through as many sockets as it takes. */
export function openConnection ({ connect, onState, onNotice, isVisible, random }: ConnectionOptions) {
  let socket: Socket | undefined
  let isReady = false
  let state: ConnectionState = { name: 'connecting' }
  let reason: string | undefined

  function send (message: object): boolean {
    if (isReady) socket?.send(JSON.stringify(message))
    return isReady
  }

  function sendControl (message: Control): void {
    send(message)
  }

  const requests = createRequests(send)
  const retry = createRetry({ attach, isVisible, random })

  function become (next: ConnectionState): void {
    state = next
    onState(next)
  }

  function attach (): void {
    retry.cancel()
    reason = undefined
    become(attempting(state))
    socket = connect()
    socket.addEventListener('message', ({ data }) => receive(data))
    socket.addEventListener('close', ({ code }) => lose(code))
  }

  function receive (data: unknown): void {
    const message = typeof data === 'string' ? parseMessage(data) : undefined
    if (message === undefined) return
    if ('answer' in message) return requests.settle(message.answer)
    const { notice } = message
    if (notice.type === 'error' && notice.path === undefined) reason = notice.message
    if (notice.type === 'connected') {
      isReady = true
      retry.reset()
      // Before anything is asked for: what happens from then on is heard of.
      sendControl({ type: 'watch', path: '/', recursive: true })
      become({ name: 'connected' })
    }
    onNotice(notice)
  }

  function lose (closeCode: number): void {
    socket = undefined
    isReady = false
    const text = refusalText(closeCode)
    if (text === undefined) {
      become(retry.schedule(closeCode, reason))
    } else {
      become({ name: 'refused', closeCode, message: reason ?? text })
    }
    requests.abandon()
  }

  attach()
  return {
    request: requests.request,
    /** For when the network is back or somebody looks again: no waiting for the next attempt. */
    wake: (): void => {
      if (state.name === 'reconnecting' && socket === undefined) attach()
      // A connection that died unnoticed fails soon after something is sent.
      else sendControl({ type: 'ping' })
    },
    /** After a refusal: tries again. */
    restart (): void {
      retry.reset()
      attach()
    }
  }
}
