import { FrameType, HEADER_BYTES, MAX_PAYLOAD, type ValueOf } from './constants.ts'
import { AgentProtocolError } from './error.ts'

export interface Frame {
  type: ValueOf<typeof FrameType>
  /** 0 is the connection itself. */
  channel: number
  /** Within the channel; 0 where the type does not say otherwise. */
  stream: number
  payload: Buffer
}

/** An entry with two paths of 4,095 bytes, and some fields around it. */
const MAX_ENTRY_MESSAGE = 8_448

/** What the agent may send: anything outside of these bounds ends the connection before it is decoded. */
const RULES = {
  [FrameType.HELLO]: { minBytes: 6, maxBytes: 256, onConnection: true, onChannel: false, maxStream: 0 },
  [FrameType.DATA]: { minBytes: 1, maxBytes: MAX_PAYLOAD, onConnection: false, onChannel: true, maxStream: 2 },
  [FrameType.END]: { minBytes: 0, maxBytes: 0, onConnection: false, onChannel: true, maxStream: 2 },
  [FrameType.CREDIT]: { minBytes: 4, maxBytes: 4, onConnection: false, onChannel: true, maxStream: 0 },
  [FrameType.EVENT]: { minBytes: 1, maxBytes: MAX_ENTRY_MESSAGE, onConnection: false, onChannel: true, maxStream: 0 },
  [FrameType.RESULT]: { minBytes: 0, maxBytes: MAX_ENTRY_MESSAGE, onConnection: false, onChannel: true, maxStream: 0 },
  [FrameType.ERROR]: { minBytes: 2, maxBytes: 1024, onConnection: true, onChannel: true, maxStream: 0 },
  [FrameType.PONG]: { minBytes: 0, maxBytes: 64, onConnection: true, onChannel: false, maxStream: 0 }
} as const

type AgentFrameType = keyof typeof RULES

const NO_PAYLOAD = Buffer.alloc(0)

/** One frame in one buffer, ready to be written. The payload is copied. */
export function encodeFrame (frame: { type: ValueOf<typeof FrameType>, channel?: number, stream?: number, payload?: Uint8Array }): Buffer {
  const { type, channel = 0, stream = 0, payload = NO_PAYLOAD } = frame
  if (payload.length > MAX_PAYLOAD) throw new RangeError(`a payload of ${payload.length} bytes does not fit in a frame`)
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + payload.length)
  bytes.writeUInt8(type, 0)
  bytes.writeUInt8(stream, 1)
  bytes.writeUInt16BE(channel, 2)
  bytes.writeUInt32BE(payload.length, 4)
  bytes.set(payload, HEADER_BYTES)
  return bytes
}

export interface FrameReader {
  /** Takes the next bytes from the agent; throws AgentProtocolError, then and ever after, when they break the rules. */
  push (chunk: Buffer): void
  /** Throws AgentProtocolError when the agent's output ended inside a frame. */
  end (): void
}

/**
 * Cuts the agent's output into frames, however it was split on the way, and keeps at most one frame.
 * The payload of a frame that lies within one chunk is a slice of that chunk, not a copy.
 */
export function createFrameReader (onFrame: (frame: Frame) => void): FrameReader {
  const header = Buffer.alloc(HEADER_BYTES)
  let headerBytes = 0
  let payload: Buffer | undefined
  let payloadBytes = 0
  let failure: AgentProtocolError | undefined

  function readHeader (chunk: Buffer, offset: number): number {
    const copied = chunk.copy(header, headerBytes, offset, offset + HEADER_BYTES - headerBytes)
    headerBytes += copied
    if (headerBytes === HEADER_BYTES) checkHeader(header)
    return copied
  }

  function readPayload (chunk: Buffer, offset: number): number {
    const length = header.readUInt32BE(4)
    if (payload === undefined) {
      if (chunk.length - offset >= length) {
        finish(chunk.subarray(offset, offset + length))
        return length
      }
      payload = Buffer.allocUnsafe(length)
    }
    const copied = chunk.copy(payload, payloadBytes, offset)
    payloadBytes += copied
    if (payloadBytes === length) finish(payload)
    return copied
  }

  function finish (complete: Buffer): void {
    headerBytes = 0
    payload = undefined
    payloadBytes = 0
    onFrame({
      type: header[0] as AgentFrameType,
      stream: header.readUInt8(1),
      channel: header.readUInt16BE(2),
      payload: complete
    })
  }

  return {
    push (chunk) {
      if (failure) throw failure
      try {
        let offset = 0
        // An empty payload needs its turn too, although there is no byte left for it.
        while (offset < chunk.length || (headerBytes === HEADER_BYTES && header.readUInt32BE(4) === 0)) {
          offset += headerBytes < HEADER_BYTES ? readHeader(chunk, offset) : readPayload(chunk, offset)
        }
      } catch (error) {
        if (error instanceof AgentProtocolError) failure = error
        throw error
      }
    },
    end () {
      if (failure) throw failure
      if (headerBytes > 0) throw new AgentProtocolError('the agent\'s output ended inside a frame')
    }
  }
}

function isAgentFrameType (type: number): type is AgentFrameType {
  return Object.hasOwn(RULES, type)
}

function checkHeader (header: Buffer): void {
  const type = header.readUInt8(0)
  const stream = header.readUInt8(1)
  const channel = header.readUInt16BE(2)
  const length = header.readUInt32BE(4)
  if (!isAgentFrameType(type)) throw new AgentProtocolError(`the agent sent a frame of type ${type}`)
  const rule = RULES[type]
  if (length < rule.minBytes || length > rule.maxBytes) {
    throw new AgentProtocolError(`the agent sent ${length} bytes in a frame of type ${type}`)
  }
  if (stream > rule.maxStream) throw new AgentProtocolError(`the agent sent a frame of type ${type} on stream ${stream}`)
  if (channel === 0 ? !rule.onConnection : !rule.onChannel) {
    throw new AgentProtocolError(`the agent sent a frame of type ${type} on channel ${channel}`)
  }
}
