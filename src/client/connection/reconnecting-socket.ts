import { ABNORMAL, createHeartbeat, type Heartbeat } from './heartbeat.ts'
import type { Reconnecting } from './reconnecting.ts'
import { refusalText } from './refusals.ts'
import { attempting, createRetry } from './retry.ts'
import type { Socket } from './socket.ts'
import { isPageVisible } from './wake.ts'

/** What a page says about its connection. */
export type ConnectionState =
  | { readonly name: 'connecting' }
  | { readonly name: 'connected' }
  | Reconnecting
  | { readonly name: 'refused', readonly closeCode: number, readonly message: string }

export interface ReconnectingSocketOptions {
  readonly connect: () => Socket
  readonly onState: (state: ConnectionState) => void
  readonly onText: (text: string) => void
  readonly onLost: (willRetry: boolean) => void
  /** Nobody looks at a hidden page, so it does not keep on trying. */
  readonly isVisible?: (() => boolean) | undefined
  readonly random?: (() => number) | undefined
}

/** Text frames through as many sockets as it takes. */
export function createReconnectingSocket ({ connect, onState, onText, onLost, isVisible = isPageVisible, random = Math.random }: ReconnectingSocketOptions) {
  let current: { readonly socket: Socket, readonly heartbeat: Heartbeat } | undefined
  let state: ConnectionState = { name: 'connecting' }
  let reason: string | undefined

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
      heartbeat: createHeartbeat(socket, retry.openMs(), () => {
        lose(ABNORMAL)
        socket.close()
      })
    }
    current = connection
    const isCurrent = (): boolean => current === connection
    socket.addEventListener('message', ({ data }) => { if (isCurrent() && typeof data === 'string') onText(data) })
    socket.addEventListener('close', ({ code }) => { if (isCurrent()) lose(code) })
  }

  function lose (closeCode: number): void {
    current = undefined
    const text = refusalText(closeCode)
    onLost(text === undefined)
    become(text === undefined ? retry.schedule(closeCode, reason) : { name: 'refused', closeCode, message: reason ?? text })
  }

  return {
    /** To be called once, when whoever is called back is ready for it. */
    start: attach,
    /** False when there is nobody to send to. */
    send (message: object): boolean {
      if (state.name !== 'connected') return false
      current?.socket.send(JSON.stringify(message))
      current?.heartbeat.expectEcho()
      return true
    },
    /** The server has greeted us. */
    greeted (): void {
      retry.reset()
      become({ name: 'connected' })
    },
    /** Why the server is about to close. */
    explain: (message: string): void => { reason = message },
    /** For when the network is back or somebody looks again: no waiting for the next attempt. */
    wake: (): void => {
      if (state.name === 'reconnecting' && current === undefined) attach()
      else current?.heartbeat.probe()
    },
    /** After a refusal: tries again. */
    restart: (): void => {
      retry.reset()
      attach()
    },
    close (): void {
      retry.cancel()
      const closing = current
      current = undefined
      closing?.heartbeat.stop()
      closing?.socket.close()
    }
  }
}
