import { describe, expect, it } from 'vitest'
import { coalesce } from '../../../src/lib/coalesce.ts'
import { createDeferred, type Deferred } from '../../../src/lib/deferred.ts'

function setUp () {
  const rounds: Array<Deferred<void>> = []
  const ask = coalesce(async () => {
    const round = createDeferred<void>()
    rounds.push(round)
    await round.promise
  })
  return { rounds, ask }
}

describe('coalesce', () => {
  it('gives those who ask during a round the next one, all the same one', async () => {
    const { rounds, ask } = setUp()
    const first = ask()
    const later = [ask(), ask(), ask()]
    expect(rounds.length).toBe(1)
    rounds[0]?.resolve()
    await first
    expect(rounds.length).toBe(2)
    rounds[1]?.resolve()
    await Promise.all(later)
    expect(rounds.length).toBe(2)
  })

  it('begins a new round when none is under way', async () => {
    const { rounds, ask } = setUp()
    for (const index of [0, 1]) {
      const round = ask()
      expect(rounds.length).toBe(index + 1)
      rounds[index]?.resolve()
      await round
    }
  })

  it('a round that fails is told to who asked for it, and not to the next', async () => {
    const { rounds, ask } = setUp()
    const first = ask()
    const second = ask()
    rounds[0]?.reject(new Error('broken'))
    await expect(first).rejects.toThrow('broken')
    rounds[1]?.resolve()
    await second
  })
})
