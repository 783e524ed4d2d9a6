import { expect, it } from 'vitest'
import { createDockerClient } from '../../../../src/docker/index.ts'
import { removeLeftoverFillers } from '../../../../src/sandbox/images/agent-volume.ts'
import { startFakeEngine } from '../../../support/fake-engine.ts'

it('what a crash has left while it filled the agent\'s volume is removed, unless somebody may be at work on it', async () => {
  const engine = await startFakeEngine()
  const docker = createDockerClient({ host: engine.host })
  const seconds = Math.floor(Date.now() / 1000)
  engine.on('GET /containers/json', (_request, reply) => reply.json(200, [{ Id: 'old', Created: seconds - 120 }, { Id: 'young', Created: seconds - 5 }]))
  engine.on('DELETE /containers/*', (_request, reply) => reply.empty(204))
  await removeLeftoverFillers(docker)
  const calls = engine.requests.filter(({ path }) => path.startsWith('/containers/'))
  expect(calls.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /containers/json', 'DELETE /containers/old'])
  expect(calls[0]?.query.get('filters')).toContain('berth.agent-filler')
  await docker.close()
  await engine.close()
})
