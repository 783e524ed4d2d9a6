/** SFTP, version 3: draft-ietf-secsh-filexfer-02, as OpenSSH speaks it. */
export const PacketType = {
  INIT: 1, VERSION: 2, OPEN: 3, CLOSE: 4, READ: 5, WRITE: 6, LSTAT: 7, FSTAT: 8, SETSTAT: 9, FSETSTAT: 10, OPENDIR: 11, READDIR: 12,
  REMOVE: 13, MKDIR: 14, RMDIR: 15, REALPATH: 16, STAT: 17, RENAME: 18, READLINK: 19, SYMLINK: 20,
  STATUS: 101, HANDLE: 102, DATA: 103, NAME: 104, ATTRS: 105, EXTENDED: 200, EXTENDED_REPLY: 201
} as const

export const StatusCode = { OK: 0, EOF: 1, NO_SUCH_FILE: 2, PERMISSION_DENIED: 3, FAILURE: 4, BAD_MESSAGE: 5, OP_UNSUPPORTED: 8 } as const
export type StatusCode = typeof StatusCode[keyof typeof StatusCode]

export const OpenFlag = { READ: 1, WRITE: 2, APPEND: 4, CREAT: 8, TRUNC: 16, EXCL: 32 } as const

/** What OpenSSH takes at most, too. */
export const MAX_PACKET_BYTES = 256 * 1024
/** Of content, in one packet. */
export const MAX_CONTENT_BYTES = MAX_PACKET_BYTES - 1024

/** The client sends what is no SFTP: there is no going on. */
export class SftpProtocolError extends Error {
  override readonly name = 'SftpProtocolError'
}

/** Whole packets, without their length. */
export async function * readPackets (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let buffered: Buffer = Buffer.alloc(0)
  for await (const chunk of source) {
    buffered = buffered.length === 0 ? chunk : Buffer.concat([buffered, chunk])
    while (buffered.length >= 4) {
      const length = buffered.readUInt32BE(0)
      if (length === 0 || length > MAX_PACKET_BYTES) throw new SftpProtocolError(`a packet of ${length} bytes`)
      if (buffered.length < 4 + length) break
      yield buffered.subarray(4, 4 + length)
      buffered = buffered.subarray(4 + length)
    }
  }
}

/** What a client says of a file, or wants of it. */
export interface FileAttributes {
  readonly size?: number
  readonly owner?: { readonly uid: number, readonly gid: number }
  readonly mode?: number
  readonly mtime?: number
}

const AttributeFlag = { SIZE: 1, OWNER: 2, MODE: 4, TIMES: 8, EXTENDED: 0x80000000 } as const

export type Fields = ReturnType<typeof readFields>

/** The fields of a packet, one after the other. They throw SftpProtocolError where there are none. */
export function readFields (packet: Buffer) {
  let offset = 0
  function take (bytes: number): number {
    const at = offset
    offset += bytes
    if (offset > packet.length) throw new SftpProtocolError('a packet that ends too early')
    return at
  }
  const u32 = (): number => packet.readUInt32BE(take(4))
  function u64 (): number {
    const value = packet.readBigUInt64BE(take(8))
    if (value > Number.MAX_SAFE_INTEGER) throw new SftpProtocolError(`a position of ${value}`)
    return Number(value)
  }
  function bytes (): Buffer {
    const length = u32()
    const at = take(length)
    return packet.subarray(at, at + length)
  }
  return {
    u8: () => packet.readUInt8(take(1)),
    u32,
    u64,
    bytes,
    attributes (): FileAttributes {
      const flags = u32()
      const has = (flag: number): boolean => (flags & flag) !== 0
      const attributes = {
        ...(has(AttributeFlag.SIZE) ? { size: u64() } : {}),
        ...(has(AttributeFlag.OWNER) ? { owner: { uid: u32(), gid: u32() } } : {}),
        ...(has(AttributeFlag.MODE) ? { mode: u32() } : {}),
        // That of the last access is not kept.
        ...(has(AttributeFlag.TIMES) ? { mtime: [u32(), u32()][1] ?? 0 } : {})
      }
      for (let left = has(AttributeFlag.EXTENDED) ? u32() : 0; left > 0; left--) {
        bytes()
        bytes()
      }
      return attributes
    }
  }
}

export function u32 (value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32BE(value)
  return bytes
}

export function u64 (value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}

export function bytesField (content: Uint8Array | string): Buffer {
  const bytes = Buffer.from(content)
  return Buffer.concat([u32(bytes.length), bytes])
}

export function encodePacket (type: number, id: number, ...fields: readonly Uint8Array[]): Buffer {
  const length = fields.reduce((sum, field) => sum + field.length, 5)
  return Buffer.concat([u32(length), Buffer.of(type), u32(id), ...fields])
}

export function encodeStatus (id: number, code: StatusCode, message: string): Buffer {
  return encodePacket(PacketType.STATUS, id, u32(code), bytesField(message), bytesField('en'))
}

export function encodeVersion (extensions: Readonly<Record<string, string>>): Buffer {
  return encodePacket(PacketType.VERSION, 3, ...Object.entries(extensions).flatMap((pair) => pair.map(bytesField)))
}

export interface ShownAttributes {
  readonly size: number
  /** With the bits of its type. */
  readonly mode: number
  /** In seconds. */
  readonly mtime: number
}

export function encodeAttributes ({ size, mode, mtime }: ShownAttributes): Buffer {
  return Buffer.concat([u32(AttributeFlag.SIZE | AttributeFlag.MODE | AttributeFlag.TIMES), u64(size), u32(mode), u32(mtime), u32(mtime)])
}

export interface ShownName {
  readonly name: Buffer
  readonly longName: Buffer
  readonly attributes?: ShownAttributes
}

export function encodeNames (id: number, names: readonly ShownName[]): Buffer {
  return encodePacket(PacketType.NAME, id, u32(names.length), ...names.flatMap(({ name, longName, attributes }) =>
    [bytesField(name), bytesField(longName), attributes === undefined ? u32(0) : encodeAttributes(attributes)]))
}
