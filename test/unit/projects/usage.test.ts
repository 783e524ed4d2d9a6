import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDockerClient, type DockerClient } from '../../../src/docker/index.ts'
import { createUsageReader } from '../../../src/projects/lifecycle/status/usage.ts'
import { startFakeEngine, type FakeEngine } from '../../support/fake-engine.ts'
import { waitFor } from '../../support/wait-for.ts'

let engine: FakeEngine
let docker: DockerClient
let clock: number
let readings: number

const START = Date.parse('2026-01-01T00:00:00Z')

beforeEach(async () => {
  engine = await startFakeEngine()
  docker = createDockerClient({ host: engine.host })
  clock = 0
  readings = 0
  // Half a CPU up to the first reading, a whole one from then on; a reading every two seconds.
  engine.on('GET /containers/*/stats', (_request, reply) => {
    readings++
    reply.json(200, {
      read: new Date(START + readings * 2_000).toISOString(),
      cpu_stats: { cpu_usage: { total_usage: (readings === 1 ? 1_000 : 3_000) * 1e6 } },
      memory_stats: { usage: 5_000, limit: 9_000, stats: { total_inactive_file: 1_000 } }
    })
  })
})
afterEach(async () => {
  await docker.close()
  await engine.close()
})

const setUp = () => {
  const read = createUsageReader(docker, () => clock)
  return async () => await read('c', new Date(START))
}

describe('usage', () => {
  it('is what is used without the cache, and the mean CPU since the start', async () => {
    expect(await setUp()()).toEqual({ memory: 4_000, memoryLimit: 9_000, cpu: 0.5 })
  })

  it('is read once for all who ask at the same time, and not again within a second', async () => {
    const read = setUp()
    await Promise.all(Array.from({ length: 50 }, read))
    clock = 999
    await read()
    expect(readings).toBe(1)
  })

  it('is answered at once from the last reading while a newer one is made', async () => {
    const read = setUp()
    const first = await read()
    clock = 1_500
    expect(await read()).toEqual(first)
    await waitFor('the newer reading', async () => (await read())?.cpu === 1)
    expect(readings).toBe(2)
  })

  it('is read anew when the last reading is too old', async () => {
    const read = setUp()
    await read()
    clock = 20_000
    expect(await read()).toMatchObject({ cpu: 0.75 })
  })

  it.each<[string, (reply: Parameters<Parameters<FakeEngine['on']>[1]>[1]) => void]>([
    ['is gone', (reply) => reply.json(404, { message: 'no such container' })],
    ['ends meanwhile', (reply) => reply.empty(200)],
    ['does not run', (reply) => reply.json(200, { read: '0001-01-01T00:00:00Z', cpu_stats: { cpu_usage: { total_usage: 0 } }, memory_stats: {} })]
  ])('of a container that %s is null', async (_name, answer) => {
    engine.on('GET /containers/*/stats', (_request, reply) => answer(reply))
    expect(await setUp()()).toBeNull()
  })

  it('that cannot be read is an error, and is asked for again', async () => {
    engine.on('GET /containers/*/stats', (_request, reply) => reply.json(500, { message: 'broken' }))
    const read = setUp()
    await expect(read()).rejects.toThrow('broken')
    await expect(read()).rejects.toThrow('broken')
  })
})
