import type { Notice, Control } from '../../protocols/files.ts'
import { ABNORMAL, createHeartbeat, type Heartbeat } from '../connection/heartbeat.ts'
import { refusalText } from '../connection/refusals.ts'
import { attempting, createRetry } from '../connection/retry.ts'
import type { Socket } from '../connection/socket.ts'
import { isPageVisible } from '../connection/wake.ts'
import { parseMessage } from './parse-message.ts'
import { createRequests } from './requests.ts'
import type { ConnectionState } from './state.ts'

export interface ConnectionOptions {
  readonly connect: () => Socket
  readonly onState: (state: ConnectionState) => void
  readonly onNotice: (notice: Notice) => void
  readonly isVisible?: () => boolean
  readonly random?: () => number
}

export type Connection = ReturnType<typeof openConnection>

/** Requests and notices about a project's files, through as many sockets as it takes. */
export function openConnection ({ connect, onState, onNotice, isVisible = isPageVisible, random = Math.random }: ConnectionOptions) {
  let current: { readonly socket: Socket, readonly heartbeat: Heartbeat } | undefined
  let state: ConnectionState = { name: 'connecting' }
  let reason: string | undefined

  function send (message: object): void {
    current?.socket.send(JSON.stringify(message))
    current?.heartbeat.expectEcho()
  }

  const sendControl: (message: Control) => void = send
  const requests = createRequests(send)
  const retry = createRetry({ attach, isVisible, random })

  function become (next: ConnectionState): void {
    state = next
    onState(next)
  }

  function attach (): void {
    retry.begin()
    reason = undefined
    become(attempting(state))
    const socket = connect()
    const connection = {
      socket,
      heartbeat: createHeartbeat(socket, () => {
        lose(ABNORMAL)
        socket.close()
      })
    }
    current = connection
    const isCurrent = (): boolean => current === connection
    socket.addEventListener('message', ({ data }) => { if (isCurrent()) receive(data) })
    socket.addEventListener('close', ({ code }) => { if (isCurrent()) lose(code) })
  }

  function receive (data: unknown): void {
    const message = typeof data === 'string' ? parseMessage(data) : undefined
    if (message === undefined) return
    if ('answer' in message) return requests.settle(message.answer)
    const { notice } = message
    if (notice.type === 'error' && notice.path === undefined) reason = notice.message
    if (notice.type === 'connected') {
      retry.reset()
      // Before anything is asked for: what happens from then on is heard of.
      sendControl({ type: 'watch', path: '/', recursive: true })
      requests.connected()
      become({ name: 'connected' })
    }
    onNotice(notice)
  }

  function lose (closeCode: number): void {
    current = undefined
    const text = refusalText(closeCode)
    if (text === undefined) {
      requests.lost()
      become(retry.schedule(closeCode, reason))
    } else {
      requests.abandon()
      become({ name: 'refused', closeCode, message: reason ?? text })
    }
  }

  attach()
  return {
    request: requests.request,
    /** For when the network is back or somebody looks again: no waiting for the next attempt. */
    wake: (): void => {
      if (state.name === 'reconnecting' && current === undefined) attach()
      else current?.heartbeat.probe()
    },
    /** After a refusal: tries again. */
    restart (): void {
      retry.reset()
      attach()
    },
    close (): void {
      retry.cancel()
      current?.heartbeat.stop()
      const socket = current?.socket
      current = undefined
      requests.abandon()
      socket?.close()
    }
  }
}
