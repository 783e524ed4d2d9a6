const AT_ONCE = 100

/** Seals with the present key what an older one has sealed, some at a time. One that cannot be opened is passed over. */
export async function resealRows<Row> ({ sealedOtherwise, replace }: {
  /** Some of those whose value does not begin with the mark. */
  sealedOtherwise: (mark: Buffer, limit: number) => Promise<Row[]>
  replace: (was: Row, sealed: Buffer) => Promise<void>
}, { mark, reseal, signal, onError }: {
  mark: Buffer
  reseal: (row: Row) => Buffer
  signal: AbortSignal
  onError: (error: unknown, row: Row) => void
}): Promise<void> {
  let left: Row[]
  do {
    left = await sealedOtherwise(mark, AT_ONCE)
    let resealed = 0
    for (const row of left) {
      try {
        await replace(row, reseal(row))
        resealed++
      } catch (error) {
        onError(error, row)
      }
    }
    if (resealed === 0) return
  } while (left.length === AT_ONCE && !signal.aborted)
}
