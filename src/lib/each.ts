/**
 * Does the work for every item, so many at once. The first failure is thrown when all that had begun is over; nothing
 * new is begun after it.
 */
export async function each<T> (items: AsyncIterable<T> | Iterable<T>, atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const underWay = new Set<Promise<void>>()
  let failure: { error: unknown } | undefined

  function begin (item: T): void {
    const working = work(item).catch((error: unknown) => { failure ??= { error } }).finally(() => underWay.delete(working))
    underWay.add(working)
  }

  try {
    for await (const item of items) {
      if (failure !== undefined) break
      begin(item)
      if (underWay.size >= atOnce) await Promise.race(underWay)
    }
  } finally {
    await Promise.all(underWay)
  }
  // Assigned in a callback, which the compiler does not follow.
  const failed = failure as { error: unknown } | undefined
  if (failed !== undefined) throw failed.error
}
