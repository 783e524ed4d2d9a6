import { AgentProtocolError } from './error.ts'

/** What a field's value is: `text` is UTF-8, `u64` must be exact in a JavaScript number. */
type FieldKind = 'u8' | 'u32' | 'u64' | 'text' | 'bytes'

type FieldValue<Kind extends FieldKind> = Kind extends 'text' ? string : Kind extends 'bytes' ? Buffer : number

type FieldSpec = Record<string, { tag: number, kind: FieldKind }>

type FieldValues<Spec extends FieldSpec> = {
  [Name in keyof Spec]?: FieldValue<Spec[Name]['kind']>
}

const FIELD_HEADER_BYTES = 5
const FIXED_BYTES = { u8: 1, u32: 4, u64: 8 } as const

/** Fields in the order they are added; values that are undefined are left out. */
export function createFieldWriter () {
  const parts: Uint8Array[] = []

  function bytes (tag: number, value: string | Uint8Array | undefined): void {
    if (value === undefined) return
    const content = typeof value === 'string' ? Buffer.from(value) : value
    const header = Buffer.allocUnsafe(FIELD_HEADER_BYTES)
    header.writeUInt8(tag, 0)
    header.writeUInt32BE(content.length, 1)
    parts.push(header, content)
  }

  function u8 (tag: number, value: number | undefined): void {
    if (value !== undefined) bytes(tag, Buffer.of(value))
  }

  function u32 (tag: number, value: number | undefined): void {
    if (value === undefined) return
    const content = Buffer.allocUnsafe(4)
    content.writeUInt32BE(value)
    bytes(tag, content)
  }

  function u64 (tag: number, value: number | bigint | undefined): void {
    if (value === undefined) return
    const content = Buffer.allocUnsafe(8)
    content.writeBigUInt64BE(BigInt(value))
    bytes(tag, content)
  }

  return { bytes, u8, u32, u64, concat: (prefix: Uint8Array) => Buffer.concat([prefix, ...parts]) }
}

/** Reads the fields that a message may have, each at most once; anything else is an AgentProtocolError. */
export function decodeFields<Spec extends FieldSpec> (payload: Buffer, spec: Spec): FieldValues<Spec> {
  const names = new Map(Object.entries(spec).map(([name, { tag }]) => [tag, name]))
  const values: Record<string, string | number | Buffer> = {}
  for (let offset = 0; offset < payload.length;) {
    if (payload.length - offset < FIELD_HEADER_BYTES) throw new AgentProtocolError('the agent sent a field without a length')
    const tag = payload.readUInt8(offset)
    const length = payload.readUInt32BE(offset + 1)
    offset += FIELD_HEADER_BYTES
    if (length > payload.length - offset) throw new AgentProtocolError(`the agent sent a field ${tag} beyond its frame`)
    const name = names.get(tag)
    const field = name === undefined ? undefined : spec[name]
    if (name === undefined || field === undefined) throw new AgentProtocolError(`the agent sent an unknown field ${tag}`)
    if (Object.hasOwn(values, name)) throw new AgentProtocolError(`the agent sent the field ${name} twice`)
    values[name] = decodeValue(name, field.kind, payload.subarray(offset, offset + length))
    offset += length
  }
  return values as FieldValues<Spec>
}

/** Insists on fields that a message must have. */
export function required<Value> (name: string, value: Value | undefined): Value {
  if (value === undefined) throw new AgentProtocolError(`the agent left out the field ${name}`)
  return value
}

function decodeValue (name: string, kind: FieldKind, value: Buffer): string | number | Buffer {
  if (kind === 'bytes') return value
  if (kind === 'text') return value.toString()
  if (value.length !== FIXED_BYTES[kind]) throw new AgentProtocolError(`the agent sent ${value.length} bytes as the field ${name}`)
  if (kind === 'u8') return value.readUInt8()
  if (kind === 'u32') return value.readUInt32BE()
  const exact = value.readBigUInt64BE()
  if (exact > Number.MAX_SAFE_INTEGER) throw new AgentProtocolError(`the agent sent ${exact} as the field ${name}`)
  return Number(exact)
}

/** A field that is a yes or no. */
export function requiredFlag (name: string, value: number | undefined): boolean {
  const flag = required(name, value)
  if (flag > 1) throw new AgentProtocolError(`the agent sent ${flag} as a yes or no`)
  return flag === 1
}
