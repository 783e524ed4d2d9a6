import { attempting, createRetry } from '../connection/retry.ts'
import { closeCodes } from '../../protocols/close-codes.ts'
import type { Socket } from '../connection/socket.ts'
import { isPageVisible } from '../connection/wake.ts'
import { openChannel, type Channel, type ChannelOptions } from './channel.ts'
import type { Hello, ServerMessage, Size } from '../../protocols/terminal.ts'
import { terminalRefusal, type TerminalState } from './state.ts'
import { isTerminalReply } from './terminal-reply.ts'

const TERMINAL_GONE = 'TERMINAL_NOT_FOUND'

type Refusal = Extract<ServerMessage, { type: 'error' }>

export interface Attachment {
  readonly terminal: string | undefined
  readonly since: number | undefined
  readonly size: Size
}

export interface SessionOptions {
  readonly connect: (attachment: Attachment) => Socket
  readonly terminal: string | undefined
  readonly size: Size
  readonly write: ChannelOptions['write']
  readonly onState: (state: TerminalState) => void
  /** The terminal has another size than asked for: somebody else uses it too. */
  readonly onSize: (size: Size) => void
  readonly onAttached: (terminal: string) => void
  readonly onLost: (bytes: number) => void
  readonly isVisible?: () => boolean
  readonly random?: () => number
}

export type Session = ReturnType<typeof openSession>

/** One shell, through as many connections as it takes: attached again with the position where the last one was cut. */
export function openSession (options: SessionOptions) {
  const { connect, write, onState, onSize, onAttached, onLost, isVisible = isPageVisible, random = Math.random } = options
  const encoder = new TextEncoder()
  let { terminal, size } = options
  let channel: Channel | undefined
  let since: number | undefined
  let exit: { code: number | null } | undefined
  let refusal: Refusal | undefined
  let hasBeenAttached = false
  let state: TerminalState = { name: 'connecting' }

  const retry = createRetry({ attach, isVisible, random })

  function become (next: TerminalState): void {
    state = next
    onState(next)
  }

  function attach (): void {
    retry.begin()
    refusal = undefined
    become(attempting(state))
    channel = openChannel({
      socket: connect({ terminal, since, size }),
      openMs: retry.openMs(),
      write,
      onHello: greet,
      onMessage: receive,
      onClose: lose
    })
  }

  function greet (hello: Hello): void {
    retry.reset()
    hasBeenAttached = true
    terminal = hello.terminal
    onAttached(hello.terminal)
    become({ name: 'connected' })
    if (hello.cols !== size.cols || hello.rows !== size.rows) channel?.resize(size)
  }

  function receive (message: Exclude<ServerMessage, Hello>): void {
    switch (message.type) {
      case 'exit':
        exit = { code: message.code }
        break
      case 'lost':
        onLost(message.bytes)
        break
      case 'size':
        onSize(message)
        break
      case 'error':
        refusal = message
        break
    }
  }

  function lose (closeCode: number): void {
    since = channel?.position ?? since
    channel = undefined
    if (exit !== undefined) return become({ name: 'ended', exitCode: exit.code })
    if (refusal?.code === TERMINAL_GONE) return missTerminal()
    const text = terminalRefusal(closeCode)
    if (text !== undefined) return become({ name: 'refused', closeCode, message: refusal?.message ?? text })
    become(retry.schedule(closeCode, refusal?.message))
  }

  /** An old address, or a shell that has ended meanwhile: the first needs another shell, the second somebody who knows. */
  function missTerminal (): void {
    terminal = since = undefined
    if (hasBeenAttached) become({ name: 'ended', exitCode: null })
    else attach()
  }

  function sendText (data: string): void {
    if (channel?.isReplaying === true && isTerminalReply(data)) return
    channel?.sendInput(encoder.encode(data))
  }

  function sendBinary (data: string): void {
    channel?.sendInput(Uint8Array.from(data, (character) => character.charCodeAt(0)))
  }

  function resize (next: Size): void {
    size = next
    channel?.resize(next)
  }

  function wake (): void {
    if (state.name === 'reconnecting' && channel === undefined) attach()
    else channel?.probe()
  }

  function restart (): void {
    const isProjectStopped = state.name === 'refused' && state.closeCode === closeCodes.cannotRun && hasBeenAttached
    if (exit !== undefined || isProjectStopped) terminal = since = undefined
    exit = undefined
    hasBeenAttached = false
    retry.reset()
    attach()
  }

  attach()
  return {
    /** Sends what was typed or pasted. Without a connection it is dropped: nobody wants to type blindly. */
    sendText,
    /** Sends what is no text, such as some mouse reports: each character is one byte. */
    sendBinary,
    resize,
    /** For when the network is back or somebody looks again: no waiting for the next attempt. */
    wake,
    /** After a refusal or the end: tries again, with a shell of its own if the last one has ended. */
    restart,
    close: () => {
      retry.cancel()
      channel?.close()
    }
  }
}
