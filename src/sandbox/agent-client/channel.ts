import { createDeferred } from '../../lib/deferred.ts'
import { AgentProtocolError, FrameType, INITIAL_CREDIT, MAX_PAYLOAD, decodeCredit, encodeCredit, encodeFrame, type Frame } from '../agent-protocol.ts'

/** Credit goes back in pieces of this size: each wakes everybody on the way to the agent, which has as much left meanwhile. */
const CREDIT_BATCH = INITIAL_CREDIT / 2

export interface ChannelHandlers {
  /** Credit is returned when it has returned or its promise is settled; a slow one slows the program down. */
  readonly onData?: (stream: number, bytes: Buffer) => void | Promise<void>
  /** The stream has no more bytes. */
  readonly onEnd?: (stream: number) => void
  readonly onEvent?: (payload: Buffer) => void
}

export interface Channel {
  readonly id: number
  /** Payload of the RESULT frame. Rejects with AgentOperationError or AgentLostError. */
  readonly result: Promise<Buffer>
  /** Queues bytes for stream 0; they leave as the agent's credit allows, and `onSent` is called when they have. */
  readonly send: (bytes: Uint8Array, onSent?: () => void) => void
  /** Ends stream 0 after what is queued. */
  readonly end: () => void
  readonly control: (type: typeof FrameType.SIGNAL | typeof FrameType.CANCEL, payload?: Uint8Array) => void
  readonly receive: (frame: Frame) => void
  readonly resolve: (payload: Buffer) => void
  readonly reject: (error: Error) => void
}

/** One operation: its credits in both directions, and what is still to be sent. */
export function createChannel (id: number, write: (frame: Buffer) => void, handlers: ChannelHandlers): Channel {
  const { promise: result, resolve, reject } = createDeferred<Buffer>()
  // The one who opened the channel awaits it, perhaps only after other work: until then a loss of the agent is not unhandled.
  result.catch(() => undefined)
  const incomingCredit = new Map<number, number>()
  const consumed = new Map<number, number>()
  const queue: Array<{ bytes: Uint8Array, onSent: (() => void) | undefined }> = []
  let credit = INITIAL_CREDIT
  let isEnding = false
  let isDone = false

  function flush (): void {
    if (isDone) return
    while (queue.length > 0 && credit > 0) {
      const [head] = queue as [typeof queue[number]]
      const size = Math.min(head.bytes.length, credit, MAX_PAYLOAD)
      write(encodeFrame({ type: FrameType.DATA, channel: id, payload: head.bytes.subarray(0, size) }))
      credit -= size
      head.bytes = head.bytes.subarray(size)
      if (head.bytes.length > 0) continue
      queue.shift()
      head.onSent?.()
    }
    if (isEnding && queue.length === 0) {
      isEnding = false
      write(encodeFrame({ type: FrameType.END, channel: id }))
    }
  }

  function finish (): void {
    isDone = true
    for (const { onSent } of queue.splice(0)) onSent?.()
  }

  function returnCredit (stream: number, bytes: number): void {
    if (isDone) return
    const total = (consumed.get(stream) ?? 0) + bytes
    if (total < CREDIT_BATCH) {
      consumed.set(stream, total)
      return
    }
    consumed.set(stream, 0)
    incomingCredit.set(stream, (incomingCredit.get(stream) ?? 0) + total)
    write(encodeFrame({ type: FrameType.CREDIT, channel: id, stream, payload: encodeCredit(total) }))
  }

  function receiveData (stream: number, bytes: Buffer): void {
    const left = (incomingCredit.get(stream) ?? INITIAL_CREDIT) - bytes.length
    if (left < 0) throw new AgentProtocolError(`the agent sent more than the credit of channel ${id}`)
    incomingCredit.set(stream, left)
    const handled = handlers.onData?.(stream, bytes)
    if (handled === undefined) returnCredit(stream, bytes.length)
    else void handled.catch(() => undefined).then(() => returnCredit(stream, bytes.length))
  }

  return {
    id,
    result,
    send (bytes, onSent) {
      // After the end it will not be read: a sender that waits for its departure need not wait.
      if (bytes.length === 0 || isDone) return onSent?.()
      queue.push({ bytes, onSent })
      flush()
    },
    end () {
      isEnding = true
      flush()
    },
    control (type, payload) {
      if (!isDone) write(encodeFrame({ type, channel: id, ...(payload === undefined ? {} : { payload }) }))
    },
    receive (frame) {
      if (frame.type === FrameType.DATA) receiveData(frame.stream, frame.payload)
      else if (frame.type === FrameType.END) handlers.onEnd?.(frame.stream)
      else if (frame.type === FrameType.EVENT) handlers.onEvent?.(frame.payload)
      else if (frame.type === FrameType.CREDIT) {
        credit += decodeCredit(frame.payload)
        // It returns what it has taken, and was given that much at first. More would have us send without a bound.
        if (credit > INITIAL_CREDIT) throw new AgentProtocolError(`the agent returned more credit than channel ${id} has used`)
        flush()
      }
    },
    resolve (payload) {
      finish()
      resolve(payload)
    },
    reject (error) {
      finish()
      reject(error)
    }
  }
}
