/**
 * How many bytes each user may keep, so that all together keep at most `budgetBytes`: those who have less keep everything.
 * Infinity where all of it fits.
 */
export function fairLevel (sizes: readonly number[], budgetBytes: number): number {
  let left = budgetBytes
  for (const [index, size] of sizes.toSorted((a, b) => a - b).entries()) {
    const share = left / (sizes.length - index)
    if (size > share) return Math.floor(share)
    left -= size
  }
  return Infinity
}
