import { afterEach, beforeEach, expect, it } from 'vitest'
import { hasVolumeQuota } from '../../../src/disk/volume-quota.ts'
import { createDockerClient, type DockerClient } from '../../../src/docker/index.ts'
import { startFakeEngine, type FakeEngine } from '../../support/fake-engine.ts'

let engine: FakeEngine
let docker: DockerClient
beforeEach(async () => {
  engine = await startFakeEngine()
  docker = createDockerClient({ host: engine.host })
})
afterEach(async () => {
  await docker.close()
  await engine.close()
})

const labels = { 'berth.instance': 'ours' }

it('an Engine that makes a volume with a size has quotas, and keeps nothing of the probe', async () => {
  let made: Record<string, unknown> = {}
  engine.on('POST /volumes/create', async (request, reply) => {
    made = JSON.parse((await request.body()).toString()) as Record<string, unknown>
    engine.on(`DELETE /volumes/${String(made['Name'])}`, (_request, removal) => removal.empty(204))
    reply.json(201, { Name: made['Name'] })
  })
  expect(await hasVolumeQuota(docker, labels)).toBe(true)
  expect(made).toMatchObject({ Driver: 'local', DriverOpts: { size: expect.stringMatching(/^\d+$/) }, Labels: labels })
  expect(engine.requests.at(-1)).toMatchObject({ method: 'DELETE', path: `/volumes/${String(made['Name'])}` })
})

it.each([
  [400, 'create berth-quota-probe: quota size requested but no quota support'],
  [500, 'create berth-quota-probe: quota size requested but no quota support'],
  [400, 'create berth-quota-probe: invalid option key: "size"']
])('an Engine that refuses it has none: %d %s', async (status, message) => {
  engine.on('POST /volumes/create', (_request, reply) => reply.json(status, { message }))
  expect(await hasVolumeQuota(docker, labels)).toBe(false)
})

it('whether an Engine that fails has quotas cannot be told', async () => {
  engine.on('POST /volumes/create', (_request, reply) => reply.json(500, { message: 'no space left on device' }))
  await expect(hasVolumeQuota(docker, labels)).rejects.toMatchObject({ status: 500 })
})
