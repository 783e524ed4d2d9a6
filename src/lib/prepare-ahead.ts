/** Prepares so many items ahead of the one that is taken, and gives them in their order. */
export async function * prepareAhead<T, U> (items: AsyncIterable<T>, ahead: number, prepare: (item: T) => Promise<U>): AsyncGenerator<U> {
  const queue: Array<Promise<U>> = []
  try {
    for await (const item of items) {
      const prepared = prepare(item)
      // Whoever takes it gets its error; until then nobody listens.
      prepared.catch(() => undefined)
      queue.push(prepared)
      if (queue.length > ahead) yield await (queue.shift() as Promise<U>)
    }
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) yield await next
  } finally {
    await Promise.allSettled(queue)
  }
}
