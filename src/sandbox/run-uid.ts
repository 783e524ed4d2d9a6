import { randomInt } from 'node:crypto'

// Above all that people, services and other container tools give out on a host, and below 2^31, where signed numbers end.
const FIRST = 0x7000_0000
const COUNT = 0x0ffe_0000

/**
 * For one run sandbox. Nobody remembers which are taken: among a thousand sandboxes one chance in a quarter of a million
 * is left that a new one has another's.
 */
export function pickRunUid (): number {
  return FIRST + randomInt(COUNT)
}
