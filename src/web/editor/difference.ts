export interface Difference {
  readonly from: number
  /** Where it ends in the old text. */
  readonly to: number
  readonly insert: string
}

/** The one stretch in which two texts differ, so that what is around it can stay: the cursor, marks, the scroll position. */
export function difference (before: string, after: string): Difference | undefined {
  if (before === after) return undefined
  const shorter = Math.min(before.length, after.length)
  let from = 0
  while (from < shorter && before[from] === after[from]) from++
  let tail = 0
  while (tail < shorter - from && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++
  return { from, to: before.length - tail, insert: after.slice(from, after.length - tail) }
}
