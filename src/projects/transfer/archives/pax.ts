/**
 * Records of a pax header that carry what a plain one cannot: times in nanoseconds, as POSIX has them, and, under names
 * of our own, names that are no UTF-8. Whoever does not know ours sees U+FFFD in those names.
 */
export type PaxRecords = Readonly<Record<string, string>>

type OwnRecord = 'path' | 'linkpath'

const ownKey = (name: OwnRecord): string => `BERTH.${name}`

/** Of a member of a differential snapshot that says what is to go. */
export const removalRecord: PaxRecords = { 'BERTH.removed': '1' }

export const isRemovalRecord = (records: PaxRecords): boolean => records['BERTH.removed'] !== undefined

const SECOND_NS = 1_000_000_000n
const MAX_NS = 2n ** 63n - 1n

export function timeRecord (mtimeNs: bigint): PaxRecords {
  const fraction = (mtimeNs % SECOND_NS).toString().padStart(9, '0')
  return { mtime: `${mtimeNs / SECOND_NS}.${fraction}` }
}

const LOST = '\uFFFD'

/** Nothing where the bytes are UTF-8, and so in the header as they are. What is read back with that mark in it counts as lost. */
export function bytesRecord (name: OwnRecord, bytes: Buffer): PaxRecords {
  const text = bytes.toString()
  return Buffer.from(text).equals(bytes) && !text.includes(LOST) ? {} : { [ownKey(name)]: bytes.toString('base64') }
}

/** Nanoseconds since 1970, from the record or else from the header's own time, whatever these may say. */
export function readTime (records: PaxRecords, mtime: Date | undefined): bigint {
  const [, seconds, fraction = ''] = /^(\d{1,10})(?:\.(\d*))?$/.exec(records.mtime ?? '') ?? []
  if (seconds !== undefined) return BigInt(seconds) * SECOND_NS + BigInt(fraction.slice(0, 9).padEnd(9, '0'))
  const ms = mtime?.getTime() ?? 0
  const ns = Number.isFinite(ms) && ms > 0 ? BigInt(Math.trunc(ms)) * 1_000_000n : 0n
  return ns > MAX_NS ? MAX_NS : ns
}

/**
 * The bytes of a name: ours, or those of the standard's record, which are UTF-8, or else those of the header, which
 * may be anything and are given as Latin-1. Undefined where they cannot be told any more.
 */
export function readBytes (name: OwnRecord, records: PaxRecords, text: string): Buffer | undefined {
  const own = records[ownKey(name)]
  if (own !== undefined) return Buffer.from(own, 'base64')
  if (records[name] === undefined || records[name] === '') return Buffer.from(text, 'latin1')
  return text.includes(LOST) ? undefined : Buffer.from(text)
}
