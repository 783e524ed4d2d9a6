import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDockerClient, type DockerClient } from '../../../src/docker/index.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startBerth, type Berth, type ErrorBody } from '../support/berth.ts'
import { startEngineProxy } from '../support/engine-proxy.ts'
import { engineSocket } from '../support/engine-socket.ts'

let proxy: Awaited<ReturnType<typeof startEngineProxy>>
let berth: Berth
let docker: DockerClient
beforeAll(async () => {
  proxy = await startEngineProxy(engineSocket)
  docker = createDockerClient({ host: `unix://${engineSocket}` })
  berth = await startBerth({ DOCKER_HOST: proxy.host, LOG_LEVEL: 'fatal' })
})
afterAll(async () => {
  await berth.stop()
  const left = await docker.containers.list({ all: true, filters: { label: [`berth.boot=${berth.app.liveness.serverId}`] } })
  await docker.close()
  await proxy.close()
  expect(left).toEqual([])
})

describe('an Engine that goes away', () => {
  it('ends the run under way with a clear error, and everything works again when it is back', async () => {
    expect(await berth.execute({ language: 'python', code: 'print(1)' })).toMatchObject({ output: '1\n' })
    const running = berth.post({ language: 'python', code: 'import time; time.sleep(50)', timeout: 60_000 })
    await waitFor('the run to be under way', async () =>
      ((await (await berth.get('/api/system')).json()) as { capacity: { running: number } }).capacity.running === 1)

    await proxy.cut()
    const lost = await running
    expect([lost.status, lost.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)])
    expect((await lost.json() as ErrorBody).code).toBe('ENGINE_UNAVAILABLE')

    const refused = await berth.post({ language: 'python', code: 'print(2)' })
    expect(refused.status).toBe(503)
    expect((await refused.json() as ErrorBody).code).toBe('ENGINE_UNAVAILABLE')
    expect((await fetch(`${berth.origin}/ready`)).status).toBe(503)
    expect((await fetch(`${berth.origin}/health`)).status).toBe(200)
    expect(await (await berth.get('/api/system')).json()).toMatchObject({ engine: { reachable: false, version: null } })

    await proxy.open()
    expect((await fetch(`${berth.origin}/ready`)).status).toBe(200)
    expect(await berth.execute({ language: 'python', code: 'print(3)' })).toMatchObject({ output: '3\n' })
  })
})
