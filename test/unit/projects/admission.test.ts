import { describe, expect, it } from 'vitest'
import { divideMemory } from '../../../src/host/memory.ts'
import { deriveAdmission, refuseStart } from '../../../src/projects/lifecycle/admission.ts'

const GIB = 1024 ** 3

it.each([[1], [2], [8], [64], [512]])('the memory of a host with %d GiB is given away once', (gib) => {
  const { systemBytes, projectsBytes, runsBytes } = divideMemory(gib * GIB)
  expect(systemBytes + projectsBytes + runsBytes).toBe(gib * GIB)
  expect(systemBytes).toBeGreaterThanOrEqual(Math.min(GIB, gib * GIB / 2))
  expect(runsBytes).toBeGreaterThan(0)
})

describe('how many projects may run', () => {
  it.each([
    [8 * GIB, GIB / 2, 10, { most: 16, perOwner: 8 }],
    [100 * GIB, GIB / 2, 10, { most: 200, perOwner: 10 }],
    [GIB / 4, GIB / 2, 10, { most: 1, perOwner: 1 }],
    [3 * GIB, GIB, 10, { most: 3, perOwner: 1 }]
  ])('%d bytes for projects of %d, %d of one user', (budgetBytes, memoryBytes, perOwner, expected) => {
    expect(deriveAdmission({ budgetBytes, memoryBytes, perOwner })).toEqual(expected)
  })

  it.each([
    [{ all: 0, ownersOwn: 0 }, undefined],
    [{ all: 5, ownersOwn: 3 }, undefined],
    [{ all: 4, ownersOwn: 4 }, 'owner'],
    [{ all: 8, ownersOwn: 4 }, 'owner'],
    [{ all: 6, ownersOwn: 3 }, 'host'],
    [{ all: 7, ownersOwn: 0 }, undefined],
    [{ all: 8, ownersOwn: 0 }, 'host']
  ])('of eight, with %o: %s', (running, expected) => {
    const limits = { most: 8, perOwner: 4 }
    expect(refuseStart(running, limits)).toBe(expected)
  })
})
