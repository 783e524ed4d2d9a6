/** Reads as much as is asked for, if there is as much, and gives it along with all of the bytes. */
export async function peek (source: AsyncIterable<Buffer>, bytes: number): Promise<{ first: Buffer, all: AsyncGenerator<Buffer> }> {
  const chunks = source[Symbol.asyncIterator]()
  let first: Buffer = Buffer.alloc(0)
  while (first.length < bytes) {
    const next = await chunks.next()
    if (next.done === true) break
    first = Buffer.concat([first, next.value])
  }

  async function * all (): AsyncGenerator<Buffer> {
    try {
      if (first.length > 0) yield first
      for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value
    } finally {
      await chunks.return?.()
    }
  }
  return { first, all: all() }
}
