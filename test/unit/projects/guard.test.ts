import { beforeEach, describe, expect, it } from 'vitest'
import { createGuard, type Guard, type RunningProject } from '../../../src/projects/lifecycle/guard/guard.ts'
import type { FileUsage } from '../../../src/sandbox/agent-protocol.ts'

const MIB = 1024 ** 2
const limits = { bytes: 100 * MIB, entries: 1_000 }
const quiet = { projectId: 'quiet', containerId: 'c-quiet' }
const hostile = { projectId: 'hostile', containerId: 'c-hostile' }

let clock: number
let free: number
let running: RunningProject[]
let usages: Record<string, FileUsage | 'too deep' | undefined>
let written: Record<string, number>
let pending: Record<string, number>
let measured: string[]
let halted: Array<[string, string]>
let isListable: boolean
let guard: Guard

beforeEach(() => {
  clock = 0
  free = 1_000 * MIB
  running = [quiet, hostile]
  usages = { quiet: { bytes: MIB, entries: 1 }, hostile: { bytes: MIB, entries: 1 } }
  written = { 'c-quiet': 0, 'c-hostile': 0 }
  pending = {}
  measured = []
  halted = []
  isListable = true
  guard = createGuard({
    limits,
    listRunning: async () => isListable ? running : await Promise.reject(new Error('the database is away')),
    space: async () => ({ totalBytes: 10_000 * MIB, freeBytes: free, totalInodes: 0, freeInodes: 0 }),
    isLow: ({ freeBytes }) => freeBytes < 500 * MIB,
    measure: async ({ projectId }) => {
      measured.push(projectId)
      return usages[projectId]
    },
    writtenBytes: async (containerId) => ({ written: written[containerId] ?? 0, pending: pending[containerId] ?? 0 }),
    halt: async ({ projectId, containerId }, reason) => {
      halted.push([projectId, reason])
      running = running.filter((project) => project.containerId !== containerId)
    },
    log: { warn: () => undefined, error: () => undefined },
    now: () => clock
  })
})

async function round (change: () => void = () => undefined): Promise<void> {
  change()
  clock += 250
  await guard.tick()
  await Promise.resolve()
}

describe('the guard', () => {
  it('measures each project once, and again only when the disk loses something', async () => {
    for (let time = 0; time < 500; time++) await round()
    expect(measured).toEqual(['quiet', 'hostile'])
    await round(() => { free -= 60 * MIB })
    expect(measured).toEqual(['quiet', 'hostile', 'quiet', 'hostile'])
  })

  it('stops who is too large, and says what to do', async () => {
    await round()
    await round(() => {
      free -= 120 * MIB
      usages.hostile = { bytes: 121 * MIB, entries: 2 }
    })
    expect(halted).toEqual([['hostile', expect.stringMatching(/more than the 104857600 bytes.*Delete files/)]])
  })

  it('stops who has directories so deep that they cannot be measured, but not who cannot be measured now', async () => {
    usages = { quiet: undefined, hostile: 'too deep' }
    await round()
    expect(halted).toEqual([['hostile', expect.stringMatching(/nested so deep.*Delete files/)]])
  })

  it('notices a project that was started, before it lists again by itself', async () => {
    running = []
    await round()
    running = [quiet]
    await round()
    expect(measured).toEqual([])
    guard.notice()
    await round()
    expect(measured).toEqual(['quiet'])
  })

  it('watches those it knows while the database is away', async () => {
    await round()
    isListable = false
    await round(() => {
      clock += 60_000
      free -= 120 * MIB
      usages.hostile = { bytes: 121 * MIB, entries: 2 }
    })
    expect(halted.map(([projectId]) => projectId)).toEqual(['hostile'])
  })

  it('stops who writes while the disk is below its reserve, one at a time, and nobody when that has ended', async () => {
    await round()
    await round(() => {
      free = 400 * MIB
      usages.hostile = { bytes: 50 * MIB, entries: 2 }
      usages.quiet = { bytes: 7 * MIB, entries: 2 }
    })
    expect(halted.map(([projectId]) => projectId)).toEqual(['hostile'])
    expect(halted[0]?.[1]).toMatch(/disk was nearly full/)
    for (let time = 0; time < 10; time++) await round()
    expect(halted).toHaveLength(1)
  })

  it('finds who hides what it writes in files without a name', async () => {
    await round()
    await round(() => {
      free = 400 * MIB
      written = { 'c-quiet': 900 * MIB, 'c-hostile': 900 * MIB }
    })
    expect(halted).toEqual([])
    await round(() => {
      free -= 50 * MIB
      written = { 'c-quiet': 901 * MIB, 'c-hostile': 990 * MIB }
    })
    expect(halted.map(([projectId]) => projectId)).toEqual(['hostile'])
  })

  it('finds who has much on its way to the disk, where what was written is not counted', async () => {
    await round()
    await round(() => {
      free = 400 * MIB
      pending = { 'c-quiet': MIB, 'c-hostile': 60 * MIB }
    })
    expect(halted.map(([projectId]) => projectId)).toEqual(['hostile'])
  })

  it('tries again to measure who could not be measured', async () => {
    usages.hostile = undefined
    await round()
    await round()
    expect(measured).toEqual(['quiet', 'hostile', 'hostile'])
  })
})
