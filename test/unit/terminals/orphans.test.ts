import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createOrphanSweep } from '../../../src/projects/terminals/orphans.ts'

const terminal = (id: string, serverId: string) => ({ id, serverId, isBusy: false })

describe('the search for orphaned terminals', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  function createScriptedSweep () {
    const world = {
      servers: ['one', 'two'],
      containers: { c: [terminal('a', 'one'), terminal('b', 'two')], d: [terminal('e', 'two')] } as Record<string, Array<ReturnType<typeof terminal>>>,
      asked: 0,
      ended: [] as string[]
    }
    const warnings: string[] = []
    const tick = createOrphanSweep({
      look: async () => ({ has: (id) => world.servers.includes(id), fingerprint: world.servers.join() }),
      listContainers: async () => Object.keys(world.containers),
      listTerminals: async (container) => {
        world.asked++
        const found = world.containers[container]
        if (found === undefined || found.length === 0) throw new Error('not running')
        return found
      },
      endTerminals: async (container, ids) => {
        world.ended.push(...ids)
        world.containers[container] = (world.containers[container] ?? []).filter(({ id }) => !ids.includes(id))
      },
      log: { info: () => undefined, warn: (_fields, message) => void warnings.push(message) }
    })
    return { world, warnings, tick }
  }

  it('asks in the containers only when a server has come or gone', async () => {
    const { world, tick } = createScriptedSweep()
    await tick()
    await tick()
    expect(world.asked).toBe(2)
    world.servers.push('three')
    await tick()
    expect(world.asked).toBe(4)
  })

  it('ends the terminals of a dead server, when it is still dead after a while, and no others', async () => {
    const { world, tick } = createScriptedSweep()
    await tick()
    world.servers = ['one']
    await tick()
    await vi.advanceTimersByTimeAsync(4_999)
    await tick()
    expect(world.ended).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    await tick()
    expect(world.ended).toEqual(['b', 'e'])
  })

  it('leaves those of a server alone that has come back', async () => {
    const { world, tick } = createScriptedSweep()
    world.servers = ['one']
    await tick()
    world.servers = ['one', 'two']
    await vi.advanceTimersByTimeAsync(5_000)
    await tick()
    expect(world.ended).toEqual([])
  })

  it('finds those of a server that came and went unseen in the end', async () => {
    const { world, tick } = createScriptedSweep()
    await tick()
    world.containers.c?.push(terminal('f', 'unseen'))
    await vi.advanceTimersByTimeAsync(600_000)
    await tick()
    await vi.advanceTimersByTimeAsync(5_000)
    await tick()
    expect(world.ended).toEqual(['f'])
  })

  it('goes on with the other containers when one cannot be asked, and comes back to it', async () => {
    const { world, warnings, tick } = createScriptedSweep()
    world.containers = { broken: [], ...world.containers }
    world.servers = ['one']
    await tick()
    expect(warnings).toEqual(['orphaned terminals could not be listed'])
    await vi.advanceTimersByTimeAsync(5_000)
    await tick()
    expect(world.ended).toEqual(['b', 'e'])
    world.containers.broken = [terminal('g', 'two')]
    await vi.advanceTimersByTimeAsync(5_000)
    await tick()
    await vi.advanceTimersByTimeAsync(5_000)
    await tick()
    expect(world.ended).toEqual(['b', 'e', 'g'])
  })

  it('gives everybody the same time, also when a server comes meanwhile', async () => {
    const { world, tick } = createScriptedSweep()
    world.servers = ['one']
    await tick()
    await vi.advanceTimersByTimeAsync(4_000)
    world.servers.push('three')
    await tick()
    expect(world.ended).toEqual([])
    await vi.advanceTimersByTimeAsync(5_000)
    await tick()
    expect(world.ended).toEqual(['b', 'e'])
  })
})
