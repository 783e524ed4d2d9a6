const FIRST_MS = 250
const MOST_MS = 15_000

/**
 * Milliseconds to wait before the next attempt, after `failures` in a row: doubling, and half of it by chance, so that the
 * clients of a restarted server do not all come back in the same moment.
 */
export function backoff (failures: number, random: () => number): number {
  const ceiling = Math.min(MOST_MS, FIRST_MS * 2 ** failures)
  return Math.round(ceiling / 2 * (1 + random()))
}
