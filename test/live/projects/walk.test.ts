import { afterAll, beforeAll, expect, it } from 'vitest'
import { createDockerClient, endpointFromEnv, type DockerClient } from '../../../src/docker/index.ts'
import { waitFor } from '../../support/wait-for.ts'
import { haveProjectsNetwork } from '../support/project-network.ts'
import { startProjectsBerth, type Berth } from './berth.ts'
import { engineState, nothing } from './engine-state.ts'
import { signUp } from './user.ts'

let docker: DockerClient
let berth: Berth
beforeAll(async () => {
  docker = createDockerClient(endpointFromEnv(process.env))
  berth = await startProjectsBerth({ IDLE_TIMEOUT: '1500ms' })
})
afterAll(async () => {
  await berth.stop()
  await docker.close()
})

it('sign up, create, start, exec, write, stop, start, read, idle stop, delete: nothing is left', async () => {
  const user = await signUp(berth.origin)
  const { instanceId } = berth.app.projects
  const created = await user.createProject({ name: 'My project', files: [{ path: 'pkg/hello.py', content: 'print("hello")' }] })
  expect(created).toMatchObject({ name: 'My project', runtime: 'python', status: 'stopped', error: null })
  expect(await engineState(docker, instanceId, created.id)).toEqual(nothing)

  const started = await user.start(created.id)
  expect(started).toMatchObject({ status: 'running', error: null, ports: [], preview: { port: 3000, hostPort: await haveProjectsNetwork(berth) ? expect.any(Number) : null } })
  expect(Date.parse(started.stopsAt ?? '')).toBeGreaterThan(Date.now())
  expect(await user.exec(created.id, ['python3', 'pkg/hello.py'])).toMatchObject({ status: 'completed', output: 'hello\n', error: '', exitCode: 0 })
  expect(await user.exec(created.id, 'echo kept > note; pwd; echo $HOME; id -u; stat -c %U:%a /workspace')).toMatchObject({
    output: expect.stringMatching(/^\/workspace\n\/workspace\n[12]\d{6}\nsandbox:755\n$/)
  })

  expect(await user.stop(created.id)).toMatchObject({ status: 'stopped', containerId: null, stopsAt: null, usage: null })
  const stopped = await engineState(docker, instanceId, created.id)
  expect([stopped.containers.length, stopped.volumes.length]).toEqual([0, 1])

  const again = await user.start(created.id)
  expect(again.containerId).not.toBe(started.containerId)
  expect(await user.exec(created.id, 'cat note pkg/hello.py')).toMatchObject({ output: 'kept\nprint("hello")' })

  await waitFor('the idle project to be stopped', async () => (await user.status(created.id)).status === 'stopped')
  expect(await engineState(docker, instanceId, created.id)).toMatchObject({ containers: [] })

  await user.remove(created.id)
  expect(await engineState(docker, instanceId, created.id)).toEqual(nothing)
  expect((await user.call('DELETE', `/projects/${created.id}`)).status).toBe(404)
  await berth.app.projects.reconcile()
  expect(await engineState(docker, instanceId)).toEqual(nothing)
})
