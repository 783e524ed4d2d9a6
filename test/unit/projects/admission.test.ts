import { describe, expect, it } from 'vitest'
import { divideMemory } from '../../../src/host/memory.ts'
import { refuseStart } from '../../../src/projects/lifecycle/admission.ts'

const GIB = 1024 ** 3

it.each([[1], [2], [8], [64], [512]])('the memory of a host with %d GiB is given away once', (gib) => {
  const { systemBytes, projectsBytes, runsBytes } = divideMemory(gib * GIB)
  expect(systemBytes + projectsBytes + runsBytes).toBe(gib * GIB)
  expect(systemBytes).toBeGreaterThanOrEqual(Math.min(GIB, gib * GIB / 2))
  expect(runsBytes).toBeGreaterThan(0)
})

describe('of a budget for eight projects', () => {
  it.each([
    ['nothing runs', { count: 0, ownersCount: 0 }, 1, undefined],
    ['five run, three of them the owner\'s', { count: 5, ownersCount: 3 }, 1, undefined],
    ['four of the owner\'s run, all that one may have', { count: 4, ownersCount: 4 }, 1, 'owner'],
    ['three of the owner\'s run, and the fourth wants twice as much', { count: 3, ownersCount: 3 }, 2, 'owner'],
    ['three of the owner\'s run, and the fourth wants little', { count: 3, ownersCount: 3 }, 0.1, undefined],
    ['six run, and the owner has one of them', { count: 6, ownersCount: 1 }, 1, 'host'],
    ['seven run, none of them the owner\'s', { count: 7, ownersCount: 0 }, 1, undefined],
    ['seven run, and a newcomer wants twice as much', { count: 7, ownersCount: 0 }, 2, 'host'],
    ['nothing runs, and the first one wants more than there is', { count: 0, ownersCount: 0 }, 9, undefined],
    ['one runs that has all', { count: 1, ownersCount: 0, bytes: 9 }, 0.1, 'host']
  ] as const)('where %s', (_name, { count, ownersCount, ...more }, asked, expected) => {
    const running = { count, ownersCount, bytes: count * GIB, ownersBytes: ownersCount * GIB, ownersMost: null, ...('bytes' in more ? { bytes: more.bytes * GIB } : {}) }
    expect(refuseStart(asked * GIB, running, { budgetBytes: 8 * GIB, memoryBytes: GIB, perOwner: 10 })).toBe(expected)
  })

  it('an owner has no more than so many, however small they are', () => {
    const running = { count: 3, ownersCount: 3, bytes: 3, ownersBytes: 3, ownersMost: null }
    expect([3, 4].map((perOwner) => refuseStart(1, running, { budgetBytes: 8 * GIB, memoryBytes: GIB, perOwner }))).toEqual(['owner', undefined])
    expect([3, 4].map((ownersMost) => refuseStart(1, { ...running, ownersMost }, { budgetBytes: 8 * GIB, memoryBytes: GIB, perOwner: 1 }))).toEqual(['owner', undefined])
  })
})
