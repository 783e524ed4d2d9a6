import { describe, expect, it } from 'vitest'
import { createMemoryBudget } from '../../../src/lib/memory-budget.ts'

describe('memory budget', () => {
  it('promises no more than there is, and the same again after it was released', () => {
    const budget = createMemoryBudget(100)
    expect([budget.acquire(60), budget.acquire(50), budget.acquire(40)]).toEqual([true, false, true])
    budget.release(60)
    expect(budget.usedBytes()).toBe(40)
    expect(budget.acquire(60)).toBe(true)
  })

  it('lets what is larger than all of it have it alone', () => {
    const budget = createMemoryBudget(100)
    expect(budget.acquire(150)).toBe(true)
    expect(budget.acquire(1)).toBe(false)
    budget.release(150)
    expect([budget.acquire(1), budget.acquire(150)]).toEqual([true, false])
  })

  it('tells its listeners of each release until they unsubscribe', () => {
    const budget = createMemoryBudget(10)
    let told = 0
    const unsubscribe = budget.onRelease(() => { told++ })
    budget.acquire(5)
    budget.release(2)
    budget.release(3)
    unsubscribe()
    budget.acquire(1)
    budget.release(1)
    expect(told).toBe(2)
  })
})
