import type { Readable, Writable } from 'node:stream'
import { createDeferred, type Deferred } from '../../lib/deferred.ts'
import { noteSpan } from '../../lib/span.ts'
import {
  AgentProtocolError, FrameType, createFrameReader, decodeError, decodeHello, encodeFrame, encodeServerHello, operationName,
  type AgentHello, type Frame
} from '../agent-protocol.ts'
import { createChannel, type Channel, type ChannelHandlers } from './channel.ts'
import { AgentLostError, AgentOperationError } from './errors.ts'

const MAX_CHANNEL = 65_535
/** More than the credits of all channels together: what an agent has given credit for it also reads. */
const MAX_UNREAD_BYTES = 32 * 1024 ** 2

/** Both directions of the stream that leads to an agent: attached stdio, an exec, or a child process in a test. */
export interface AgentStream {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly destroy: (error?: Error) => void
}

export interface AgentConnection {
  readonly hello: AgentHello
  readonly open: (operation: Uint8Array, handlers?: ChannelHandlers) => Channel
  /** Resolves when the agent has answered. Rejects with AgentLostError. */
  readonly ping: () => Promise<void>
  /** How many frames or parts of them have come. */
  readonly received: () => number
  /** Resolves with the reason when the connection has ended, in whatever way. */
  readonly lost: Promise<AgentLostError>
  readonly close: (reason?: string) => void
}

/** Speaks the protocol's connection level. Resolves when both sides have said hello. */
export async function connectAgent (stream: AgentStream): Promise<AgentConnection> {
  const channels = new Map<number, Channel>()
  const greeting = createDeferred<AgentHello>()
  const lost = createDeferred<AgentLostError>()
  const pings: Array<Deferred<undefined>> = []
  const reader = createFrameReader(dispatch)
  let outgoing: Buffer[] = []
  let isGreeted = false
  let isLost = false
  let lastChannel = 0
  let received = 0

  // Frames of one turn of the event loop leave in one write: small files, program and input of a run are one packet.
  function write (frame: Buffer): void {
    if (isLost) return
    if (outgoing.length === 0) queueMicrotask(flush)
    outgoing.push(frame)
  }

  function flush (): void {
    const frames = outgoing
    outgoing = []
    if (isLost) return
    stream.stdin.write(frames.length === 1 ? frames[0] : Buffer.concat(frames))
    if (stream.stdin.writableLength > MAX_UNREAD_BYTES) lose('the agent does not read what it asks for')
  }

  function lose (reason: string, cause?: unknown): void {
    if (isLost) return
    isLost = true
    const error = new AgentLostError(reason, { cause })
    greeting.reject(error)
    for (const channel of channels.values()) channel.reject(error)
    channels.clear()
    for (const ping of pings) ping.reject(error)
    stream.destroy()
    lost.resolve(error)
  }

  function dispatch (frame: Frame): void {
    if (!isGreeted) {
      if (frame.type !== FrameType.HELLO) throw new AgentProtocolError('the agent did not say hello first')
      const hello = decodeHello(frame.payload)
      isGreeted = true
      write(encodeFrame({ type: FrameType.HELLO, payload: encodeServerHello() }))
      greeting.resolve(hello)
      return
    }
    if (frame.channel !== 0) {
      dispatchToChannel(frame)
      return
    }
    if (frame.type === FrameType.ERROR) throw new AgentProtocolError(decodeError(frame.payload).message)
    if (frame.type === FrameType.HELLO) throw new AgentProtocolError('the agent said hello twice')
    if (frame.type === FrameType.PONG) pings.shift()?.resolve(undefined)
  }

  function dispatchToChannel (frame: Frame): void {
    const channel = channels.get(frame.channel)
    if (channel === undefined) throw new AgentProtocolError(`the agent sent a frame for channel ${frame.channel}, which is not open`)
    if (frame.type === FrameType.RESULT) {
      channels.delete(frame.channel)
      channel.resolve(frame.payload)
    } else if (frame.type === FrameType.ERROR) {
      channels.delete(frame.channel)
      const { code, message } = decodeError(frame.payload)
      channel.reject(new AgentOperationError(code, message))
    } else {
      channel.receive(frame)
    }
  }

  function nextChannel (): number {
    do {
      lastChannel = lastChannel % MAX_CHANNEL + 1
    } while (channels.has(lastChannel))
    return lastChannel
  }

  stream.stdout.on('data', (chunk: Buffer) => {
    if (isLost) return
    received++
    try {
      reader.push(chunk)
    } catch (error) {
      lose(error instanceof AgentProtocolError ? error.message : 'the agent sent a broken message', error)
    }
  })
  stream.stdout.on('error', (error) => lose('the stream to the agent failed', error))
  stream.stdout.on('close', () => lose('the agent is gone'))
  stream.stdout.on('end', () => lose('the agent ended'))
  stream.stdin.on('error', (error) => lose('the agent no longer reads', error))

  return {
    hello: await greeting.promise,
    open (operation, handlers = {}) {
      const id = nextChannel()
      const channel = createChannel(id, write, handlers)
      if (isLost) {
        channel.reject(new AgentLostError('the agent is gone'))
        return channel
      }
      channels.set(id, channel)
      noteSpan(`agent ${operationName(operation)}`, {}, channel.result)
      write(encodeFrame({ type: FrameType.OPEN, channel: id, payload: operation }))
      return channel
    },
    lost: lost.promise,
    async ping () {
      if (isLost) throw await lost.promise
      const answered = createDeferred<undefined>()
      pings.push(answered)
      write(encodeFrame({ type: FrameType.PING }))
      await answered.promise
    },
    received: () => received,
    close: (reason = 'the connection was closed') => lose(reason)
  }
}
