import { describe, expect, it } from 'vitest'
import { createDeferred } from '../../../src/lib/deferred.ts'
import { QueueFullError, createFairQueue } from '../../../src/lib/fair-queue.ts'
import { createMemoryBudget } from '../../../src/lib/memory-budget.ts'

function createGates () {
  const begun: string[] = []
  const gates = new Map<string, () => void>()
  return {
    begun,
    task: (name: string) => async () => {
      begun.push(name)
      const gate = createDeferred<void>()
      gates.set(name, gate.resolve)
      await gate.promise
      return name
    },
    finish: async (name: string) => {
      gates.get(name)?.()
      // Two turns: the task's own end, and the grant of its slot.
      await new Promise(setImmediate)
    }
  }
}

describe('fair queue', () => {
  it('runs no more than its concurrency at once and hands on what a task returns', async () => {
    const queue = createFairQueue({ concurrency: 2, perOwner: 2, capacity: 10 })
    const { begun, task, finish } = createGates()
    const results = ['a', 'b', 'c'].map((name) => queue.run('one', task(name)))
    await new Promise(setImmediate)
    expect(begun).toEqual(['a', 'b'])
    expect([queue.running(), queue.waiting()]).toEqual([2, 1])
    await finish('a')
    expect(begun).toEqual(['a', 'b', 'c'])
    await finish('b')
    await finish('c')
    expect(await Promise.all(results)).toEqual(['a', 'b', 'c'])
    expect([queue.running(), queue.waiting()]).toEqual([0, 0])
  })

  it('serves owners in turn, however many tasks one of them has waiting', async () => {
    let nowMs = 0
    const queue = createFairQueue({ concurrency: 1, perOwner: 1, capacity: 100, now: () => nowMs })
    const { begun, task, finish } = createGates()
    for (let i = 0; i < 50; i++) void queue.run('greedy', task(`g${i}`))
    void queue.run('polite', task('p0'))
    void queue.run('polite', task('p1'))
    await new Promise(setImmediate)
    for (const name of ['g0', 'p0', 'g1', 'p1', 'g2']) {
      nowMs += 1_500
      await finish(name)
    }
    expect(begun.slice(0, 6)).toEqual(['g0', 'p0', 'g1', 'p1', 'g2', 'g3'])
  })

  it('serves equals in turn', async () => {
    const queue = createFairQueue({ concurrency: 1, perOwner: 1, capacity: 100, now: () => 0 })
    const { begun, task, finish } = createGates()
    for (const owner of ['a', 'b', 'c']) for (let i = 0; i < 2; i++) void queue.run(owner, task(`${owner}${i}`))
    await new Promise(setImmediate)
    for (const name of ['a0', 'a1', 'b0', 'c0', 'b1']) await finish(name)
    expect(begun).toEqual(['a0', 'a1', 'b0', 'c0', 'b1', 'c1'])
  })

  it('serves first who has used least slot time', async () => {
    let nowMs = 0
    const queue = createFairQueue({ concurrency: 1, perOwner: 1, capacity: 100, now: () => nowMs })
    const { begun, task, finish } = createGates()
    for (const name of ['l0', 's0']) void queue.run(name.charAt(0), task(name))
    await new Promise(setImmediate)
    nowMs = 2_000
    for (const name of ['l1', 's1', 's2']) void queue.run(name.charAt(0), task(name))
    for (const name of ['l0', 's0', 's1', 's2']) {
      await finish(name)
      nowMs += 100
    }
    expect(begun).toEqual(['l0', 's0', 's1', 's2', 'l1'])
  })

  it('leaves no slot idle while anybody has work, and keeps the burst for light owners, one each', async () => {
    let nowMs = 0
    const queue = createFairQueue({ concurrency: 4, perOwner: 3, burst: 2, capacity: 100, now: () => nowMs })
    const { begun, task, finish } = createGates()
    const submit = async (...names: string[]): Promise<void> => {
      for (const name of names) void queue.run(name.charAt(0), task(name))
      await new Promise(setImmediate)
    }
    await submit('a0', 'a1', 'a2', 'b0')
    expect(queue.running()).toBe(4)
    nowMs = 60_000
    await submit('a3', 'b1')
    expect([queue.running(), queue.waiting()]).toEqual([4, 2])
    await submit('c0', 'c1', 'd0', 'e0')
    expect(begun.slice(4)).toEqual(['c0', 'd0'])
    expect([queue.running(), queue.waiting()]).toEqual([6, 4])
    nowMs = 60_100
    await finish('c0')
    expect(begun.slice(6)).toEqual(['e0'])
    nowMs = 60_200
    await finish('e0')
    expect(begun.slice(7)).toEqual(['c1'])
    for (const name of ['d0', 'c1']) await finish(name)
    expect([queue.running(), queue.waiting()]).toEqual([4, 2])
    await finish('a0')
    expect(begun.slice(8)).toEqual(['b1'])
  })

  it('tells a task whether its owner is light', async () => {
    let nowMs = 0
    const queue = createFairQueue({ concurrency: 4, perOwner: 4, capacity: 100, now: () => nowMs })
    const { task, finish } = createGates()
    const verdict = async (owner: string): Promise<boolean> => await queue.run(owner, async (isLight) => isLight)
    void queue.run('heavy', task('h0'))
    expect(await verdict('heavy')).toBe(true)
    nowMs = 2_000
    expect(await verdict('heavy')).toBe(false)
    expect(await verdict('new')).toBe(true)
    await finish('h0')
    expect(await verdict('heavy')).toBe(true)
  })

  it('keeps room for others beside an owner with long tasks', async () => {
    const queue = createFairQueue({ concurrency: 3, perOwner: 2, capacity: 100 })
    const { begun, task, finish } = createGates()
    for (const name of ['g0', 'g1', 'g2', 'g3']) void queue.run('greedy', task(name))
    await new Promise(setImmediate)
    expect([begun, queue.waiting()]).toEqual([['g0', 'g1'], 2])
    void queue.run('polite', task('p0'))
    await new Promise(setImmediate)
    expect(begun).toEqual(['g0', 'g1', 'p0'])
    await finish('p0')
    expect(begun).toEqual(['g0', 'g1', 'p0'])
    await finish('g0')
    expect(begun).toEqual(['g0', 'g1', 'p0', 'g2'])
  })

  it('says when to try again from how long tasks take', async () => {
    let nowMs = 0
    const queue = createFairQueue({ concurrency: 1, perOwner: 1, capacity: 2, now: () => nowMs })
    await queue.run('one', async () => { nowMs += 1_100 })
    const { task, finish } = createGates()
    const runs = ['a', 'b', 'c'].map((name) => queue.run('one', task(name)))
    const refused = await queue.run('one', task('d')).catch((error: unknown) => error)
    expect(refused).toMatchObject({ name: 'QueueFullError', retryAfterSeconds: 3 })
    for (const name of ['a', 'b', 'c']) await finish(name)
    await Promise.all(runs)
  })

  it('divides the room to wait: the newest of the owner with most of them makes room for another', async () => {
    const queue = createFairQueue({ concurrency: 1, perOwner: 1, capacity: 4 })
    const { begun, task, finish } = createGates()
    const outcomes = new Map<string, string>()
    const submit = (name: string): void => {
      queue.run(name.charAt(0), task(name)).then(() => outcomes.set(name, 'ran'), (error: unknown) => outcomes.set(name, (error as Error).name))
    }
    for (const name of ['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'b0', 'b1', 'b2', 'b3']) submit(name)
    await new Promise(setImmediate)
    expect(Object.fromEntries(outcomes)).toEqual({ a5: 'QueueFullError', a4: 'QueueFullError', a3: 'QueueFullError', b2: 'QueueFullError', b3: 'QueueFullError' })
    expect(queue.waiting()).toBe(4)
    for (const name of ['a0', 'b0', 'b1', 'a1', 'a2']) await finish(name)
    expect(begun.sort()).toEqual(['a0', 'a1', 'a2', 'b0', 'b1'])
  })

  it('refuses one more than its capacity and goes on serving', async () => {
    const queue = createFairQueue({ concurrency: 1, perOwner: 1, capacity: 1 })
    const { task, finish } = createGates()
    const first = queue.run('one', task('a'))
    const second = queue.run('one', task('b'))
    await expect(queue.run('two', task('c'))).rejects.toBeInstanceOf(QueueFullError)
    await finish('a')
    await finish('b')
    expect(await Promise.all([first, second])).toEqual(['a', 'b'])
  })

  it('takes a waiting task out when its signal is aborted, and never begins it', async () => {
    const queue = createFairQueue({ concurrency: 1, perOwner: 1, capacity: 10 })
    const { begun, task, finish } = createGates()
    const controller = new AbortController()
    const first = queue.run('one', task('a'))
    const second = queue.run('two', task('b'), controller.signal)
    controller.abort(new Error('gone'))
    await expect(second).rejects.toThrow('gone')
    expect(queue.waiting()).toBe(0)
    await finish('a')
    await first
    expect(begun).toEqual(['a'])
    expect(queue.running()).toBe(0)
  })

  it('frees the slot of a task that failed', async () => {
    const queue = createFairQueue({ concurrency: 1, perOwner: 1, capacity: 10 })
    await expect(queue.run('one', async () => { throw new Error('broken') })).rejects.toThrow('broken')
    expect(await queue.run('one', async () => 'fine')).toBe('fine')
  })

  it('rejects the newest of whoever has most bytes waiting when they are too many together', async () => {
    const queue = createFairQueue({ concurrency: 1, perOwner: 1, capacity: 100, capacityBytes: 100 })
    const { task } = createGates()
    void queue.run('running', task('running'))
    const rejected: string[] = []
    const wait = (owner: string, name: string, waitingBytes: number): void => {
      queue.run(owner, task(name), undefined, { waitingBytes, memoryBytes: 0 }).catch((error: unknown) => {
        expect(error).toBeInstanceOf(QueueFullError)
        rejected.push(name)
      })
    }
    wait('heavy', 'h1', 60)
    wait('light', 'l1', 10)
    wait('heavy', 'h2', 30)
    wait('light', 'l2', 10)
    wait('light', 'l3', 1)
    wait('huge', 'x1', 101)
    await new Promise(setImmediate)
    expect(rejected).toEqual(['h2', 'x1'])
    expect(queue.waiting()).toBe(4)
  })

  it('begins what fits into the memory that is left, of two queues together', async () => {
    const memory = createMemoryBudget(100)
    const options = { concurrency: 10, perOwner: 10, capacity: 100, memory }
    const [short, long] = [createFairQueue(options), createFairQueue(options)]
    const { begun, task, finish } = createGates()
    void long.run('a', task('long'), undefined, { waitingBytes: 0, memoryBytes: 70 })
    void short.run('b', task('large'), undefined, { waitingBytes: 0, memoryBytes: 60 })
    void short.run('c', task('small'), undefined, { waitingBytes: 0, memoryBytes: 20 })
    await new Promise(setImmediate)
    expect(begun).toEqual(['long', 'small'])
    await finish('small')
    expect(begun).toEqual(['long', 'small'])
    await finish('long')
    expect(begun).toEqual(['long', 'small', 'large'])
    await finish('large')
    expect([memory.usedBytes(), short.running(), long.running()]).toEqual([0, 0, 0])
  })
})
