import { describe, expect, it } from 'vitest'
import { createDeferred } from '../../../src/lib/deferred.ts'
import { createInFlight } from '../../../src/projects/files/socket/in-flight.ts'
import { createOrder, type Claim } from '../../../src/projects/files/socket/order.ts'

const write = (...paths: string[]): Claim => ({ paths, isWrite: true })
const read = (...paths: string[]): Claim => ({ paths, isWrite: false })
const turn = async (): Promise<void> => await new Promise(setImmediate)

describe('the order of requests', () => {
  it.each<[Claim, Claim, boolean]>([
    [write('a'), write('a'), true],
    [write('a'), read('a'), true],
    [read('a'), write('a'), true],
    [read('a'), read('a'), false],
    [write('a'), write('b'), false],
    [write('a'), write('ab'), false],
    [write('a'), write('a/b'), true],
    [write('a/b'), write('a'), true],
    [write('x', 'a/b'), read('a'), true],
    [write('a/b/c'), read('/'), true],
    [write('a'), read(''), true],
    [write('src/'), write('src/x'), true]
  ])('%j and then %j: the second waits: %s', async (first, second, isWaiting) => {
    const order = createOrder()
    const end = createDeferred<void>()
    let hasBegun = false
    const running = [order.run(first, async () => await end.promise), order.run(second, async () => { hasBegun = true })]
    await turn()
    expect(hasBegun).toBe(!isWaiting)
    end.resolve()
    await Promise.all(running)
    expect(hasBegun).toBe(true)
  })

  it('goes on after one that failed', async () => {
    const order = createOrder()
    const failing = order.run(write('a'), async () => await Promise.reject(new Error('failed')))
    const next = order.run(write('a'), async () => undefined)
    await expect(failing).rejects.toThrow('failed')
    await expect(next).resolves.toBeUndefined()
  })
})

it('what is in flight is bounded', async () => {
  const inFlight = createInFlight(2)
  const ends = [createDeferred<void>(), createDeferred<void>()] as const
  for (const { promise } of ends) {
    await inFlight.room()
    inFlight.begin(promise)
  }
  let hasRoom = false
  const room = inFlight.room().then(() => { hasRoom = true })
  await turn()
  expect(hasRoom).toBe(false)
  ends[1].resolve()
  await room
  expect(hasRoom).toBe(true)
})
