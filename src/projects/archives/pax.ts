/**
 * Records of a pax header that carry what a plain one cannot: times in nanoseconds, as POSIX has them, and, under names
 * of our own, names that are no UTF-8. Whoever does not know ours sees U+FFFD in those names.
 */
export type PaxRecords = Readonly<Record<string, string>>

type OwnRecord = 'path' | 'linkpath'

const ownKey = (name: OwnRecord): string => `BERTH.${name}`

const SECOND_NS = 1_000_000_000n
const MAX_NS = 2n ** 63n - 1n

export function timeRecord (mtimeNs: bigint): PaxRecords {
  const fraction = (mtimeNs % SECOND_NS).toString().padStart(9, '0')
  return { mtime: `${mtimeNs / SECOND_NS}.${fraction}` }
}

/** Nothing where the bytes are UTF-8, and so in the header as they are. */
export function bytesRecord (name: OwnRecord, bytes: Buffer): PaxRecords {
  return Buffer.from(bytes.toString()).equals(bytes) ? {} : { [ownKey(name)]: bytes.toString('base64') }
}

/** Nanoseconds since 1970, from the record or else from the header's own time, whatever these may say. */
export function readTime (records: PaxRecords, mtime: Date | undefined): bigint {
  const [, seconds, fraction = ''] = /^(\d{1,10})(?:\.(\d*))?$/.exec(records.mtime ?? '') ?? []
  if (seconds !== undefined) return BigInt(seconds) * SECOND_NS + BigInt(fraction.slice(0, 9).padEnd(9, '0'))
  const ms = mtime?.getTime() ?? 0
  const ns = Number.isFinite(ms) && ms > 0 ? BigInt(Math.trunc(ms)) * 1_000_000n : 0n
  return ns > MAX_NS ? MAX_NS : ns
}

export function readBytes (name: OwnRecord, records: PaxRecords, text: string): Buffer {
  const own = records[ownKey(name)]
  return own === undefined ? Buffer.from(text) : Buffer.from(own, 'base64')
}
