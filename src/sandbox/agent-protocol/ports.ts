import { EventKind, Operation } from './constants.ts'
import { AgentProtocolError } from './error.ts'
import { createFieldWriter, decodeFields, requiredFlag } from './fields.ts'

/** Payload of OPEN for PORTS. */
export function encodePorts ({ withPids = false } = {}): Buffer {
  const fields = createFieldWriter()
  fields.u8(1, withPids ? 1 : undefined)
  return fields.concat(Buffer.of(Operation.PORTS))
}

export interface ListeningPort {
  port: number
  /** File name of the program that listens, at most 15 bytes; null if it is not known. */
  process: string | null
  /** Whether it listens on no address that can be reached from outside of the sandbox. */
  loopbackOnly: boolean
  /** If it was asked for and is known. */
  pid?: number
}

const ENTRY_FIXED_BYTES = 4
const MAX_PROCESS_BYTES = 15
const PID_BYTES = 4

/** The entries of one DATA frame, which never splits one. */
export function decodeListeningPorts (payload: Buffer, { withPids = false } = {}): ListeningPort[] {
  const pidBytes = withPids ? PID_BYTES : 0
  const ports: ListeningPort[] = []
  for (let offset = 0; offset < payload.length;) {
    const nameBytes = payload.length - offset < ENTRY_FIXED_BYTES ? Infinity : payload.readUInt8(offset + 3)
    if (nameBytes > MAX_PROCESS_BYTES || payload.length - offset - ENTRY_FIXED_BYTES < nameBytes + pidBytes) {
      throw new AgentProtocolError('the agent sent a broken list of ports')
    }
    const port = payload.readUInt16BE(offset)
    const loopbackOnly = payload.readUInt8(offset + 2)
    if (port === 0 || loopbackOnly > 1) throw new AgentProtocolError('the agent sent a port that cannot be')
    offset += ENTRY_FIXED_BYTES
    const process = readableName(payload.subarray(offset, offset + nameBytes))
    offset += nameBytes
    const pid = withPids ? payload.readUInt32BE(offset) : 0
    ports.push({ port, process: process === '' ? null : process, loopbackOnly: loopbackOnly === 1, ...(pid > 0 && { pid }) })
    offset += pidBytes
  }
  return ports
}

/** A program's file may be called anything: what could move a terminal's cursor or hide text becomes a question mark. */
function readableName (bytes: Buffer): string {
  return bytes.toString().replaceAll(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, '?')
}

export function decodePortsResult (payload: Buffer): { truncated: boolean } {
  const fields = decodeFields(payload, { truncated: { tag: 1, kind: 'u8' } })
  return { truncated: requiredFlag('truncated', fields.truncated) }
}

/** Payload of OPEN for DIAL. */
export function encodeDial ({ port }: { port: number }): Buffer {
  const fields = createFieldWriter()
  fields.u32(1, port)
  return fields.concat(Buffer.of(Operation.DIAL))
}

/** The one event of a dial: that it is connected. */
export function decodeDialEvent (payload: Buffer): void {
  if (payload[0] !== EventKind.CONNECTED) throw new AgentProtocolError(`the agent sent an unknown event ${payload[0]}`)
  decodeFields(payload.subarray(1), {})
}

export function decodeDialResult (payload: Buffer): void {
  decodeFields(payload, {})
}
