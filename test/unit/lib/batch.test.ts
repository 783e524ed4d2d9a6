import { describe, expect, it } from 'vitest'
import { createBatch } from '../../../src/lib/batch.ts'
import { createDeferred } from '../../../src/lib/deferred.ts'

class Away extends Error {}

function create (answers: Array<Error | undefined> = []) {
  const written: number[][] = []
  const dropped: number[] = []
  const failure = createDeferred<unknown>()
  const batch = createBatch<number>({
    intervalMs: 3_600_000,
    size: 3,
    capacity: 5,
    isTemporary: (error) => error instanceof Away,
    onError: failure.resolve,
    onDrop: (count) => dropped.push(count),
    write: async (items) => {
      const answer = answers.shift()
      if (answer !== undefined) throw answer
      written.push([...items])
    }
  })
  return { batch, written, dropped, failure }
}

describe('a batch', () => {
  it('writes what is left when it stops, in order and in pieces', async () => {
    const { batch, written } = create()
    for (const n of [1, 2, 3, 4]) batch.add(n)
    await batch.stop()
    expect(written).toEqual([[1, 2, 3], [4]])
  })

  it('keeps what cannot be written for now, and drops the oldest of too many', async () => {
    const { batch, written, dropped, failure } = create([new Away(), undefined, undefined])
    for (const n of [1, 2, 3, 4, 5, 6, 7, 8]) batch.add(n)
    expect(dropped).toEqual([3])
    batch.start()
    expect(await failure.promise).toBeInstanceOf(Away)
    await batch.stop()
    expect(written.flat()).toEqual([4, 5, 6, 7, 8])
  })

  it('drops only what can never be written of those that were refused together', async () => {
    const wrong = new Error('wrong')
    // All three, then the second alone.
    const { batch, written, dropped } = create([wrong, undefined, wrong])
    for (const n of [1, 2, 3, 4]) batch.add(n)
    batch.start()
    await batch.stop()
    expect([dropped, written]).toEqual([[1], [[1], [3], [4]]])
  })

  it('keeps what is left of them when the database goes away meanwhile', async () => {
    const { batch, written, dropped, failure } = create([new Error('wrong'), undefined, new Away()])
    for (const n of [1, 2, 3]) batch.add(n)
    batch.start()
    expect(await failure.promise).toBeInstanceOf(Away)
    await batch.stop()
    expect([dropped, written.flat().sort()]).toEqual([[], [1, 2, 3]])
  })
})
