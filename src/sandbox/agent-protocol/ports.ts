import { EventKind, Operation } from './constants.ts'
import { AgentProtocolError } from './error.ts'
import { createFieldWriter, decodeFields, requiredFlag } from './fields.ts'

/** Payload of OPEN for PORTS. */
export function encodePorts (): Buffer {
  return Buffer.of(Operation.PORTS)
}

export interface ListeningPort {
  port: number
  /** File name of the program that listens, at most 15 bytes; null if it is not known. */
  process: string | null
  /** Whether it listens on no address that can be reached from outside of the sandbox. */
  loopbackOnly: boolean
}

const ENTRY_FIXED_BYTES = 4
const MAX_PROCESS_BYTES = 15

/** The entries of one DATA frame, which never splits one. */
export function decodeListeningPorts (payload: Buffer): ListeningPort[] {
  const ports: ListeningPort[] = []
  for (let offset = 0; offset < payload.length;) {
    const nameBytes = payload.length - offset < ENTRY_FIXED_BYTES ? Infinity : payload.readUInt8(offset + 3)
    if (nameBytes > MAX_PROCESS_BYTES || payload.length - offset - ENTRY_FIXED_BYTES < nameBytes) {
      throw new AgentProtocolError('the agent sent a broken list of ports')
    }
    const port = payload.readUInt16BE(offset)
    const loopbackOnly = payload.readUInt8(offset + 2)
    if (port === 0 || loopbackOnly > 1) throw new AgentProtocolError('the agent sent a port that cannot be')
    offset += ENTRY_FIXED_BYTES
    const process = readableName(payload.subarray(offset, offset + nameBytes))
    ports.push({ port, process: process === '' ? null : process, loopbackOnly: loopbackOnly === 1 })
    offset += nameBytes
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
