import { ErrorCode, MAX_PAYLOAD, PROTOCOL_VERSION, type ValueOf } from './constants.ts'
import { AgentProtocolError } from './error.ts'
import { decodeFields, required } from './fields.ts'

const MAGIC = Buffer.from('BRTH')

const HELLO_FIELDS = {
  maxChannels: { tag: 1, kind: 'u32' },
  processId: { tag: 2, kind: 'u32' },
  build: { tag: 3, kind: 'text' }
} as const

export interface AgentHello {
  maxChannels: number
  /** Of the agent, in its own PID namespace: 1 when it is the container's init. */
  processId: number
  /** Hash of the sources the agent was built from. */
  build: string
}

/** Payload of the server's HELLO. */
export function encodeServerHello (): Buffer {
  const payload = Buffer.alloc(MAGIC.length + 2)
  MAGIC.copy(payload)
  payload.writeUInt16BE(PROTOCOL_VERSION, MAGIC.length)
  return payload
}

export function decodeHello (payload: Buffer): AgentHello {
  const fieldsOffset = MAGIC.length + 2
  if (payload.length < fieldsOffset || !payload.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw new AgentProtocolError('what answers is not an agent')
  }
  const version = payload.readUInt16BE(MAGIC.length)
  if (version !== PROTOCOL_VERSION) {
    throw new AgentProtocolError(`the agent speaks version ${version} of the protocol, not ${PROTOCOL_VERSION}`)
  }
  const fields = decodeFields(payload.subarray(fieldsOffset), HELLO_FIELDS)
  const maxChannels = required('maxChannels', fields.maxChannels)
  if (maxChannels === 0) throw new AgentProtocolError('the agent offers no channel')
  return { maxChannels, processId: required('processId', fields.processId), build: fields.build ?? '' }
}

/** Payload of CREDIT: the other side may send that many bytes more. */
export function encodeCredit (bytes: number): Buffer {
  const payload = Buffer.allocUnsafe(4)
  payload.writeUInt32BE(bytes)
  return payload
}

export function decodeCredit (payload: Buffer): number {
  if (payload.length !== 4) throw new AgentProtocolError(`the agent sent ${payload.length} bytes as a credit`)
  return payload.readUInt32BE()
}

/** Payload of SIGNAL. */
export function encodeSignal (signal: number): Buffer {
  if (!Number.isInteger(signal) || signal < 1 || signal > 64) throw new RangeError(`there is no signal ${signal}`)
  return Buffer.of(signal)
}

export interface AgentFailure {
  code: ValueOf<typeof ErrorCode>
  /** For people; comes from the sandbox, so never trust its contents. */
  message: string
}

const ERROR_CODES: ReadonlySet<number> = new Set(Object.values(ErrorCode))

export function decodeError (payload: Buffer): AgentFailure {
  if (payload.length < 2) throw new AgentProtocolError('the agent sent an error without a code')
  const code = payload.readUInt16BE()
  if (!isErrorCode(code)) throw new AgentProtocolError(`the agent sent an unknown error ${code}`)
  return { code, message: payload.toString('utf8', 2) }
}

function isErrorCode (code: number): code is ValueOf<typeof ErrorCode> {
  return ERROR_CODES.has(code)
}

/** OPEN has no continuation: whatever describes an operation has to fit in one frame. */
export function checkOpen (payload: Buffer): Buffer {
  if (payload.length > MAX_PAYLOAD) throw new RangeError(`a request of ${payload.length} bytes does not fit in a frame`)
  return payload
}
