import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { createDockerClient, endpointFromEnv, type DockerClient } from '../../../src/docker/index.ts'
import { startServerProcess, type ServerProcess } from '../../support/server-process.ts'
import { createDatabase } from '../../support/test-database.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startBerth, type Berth } from '../support/berth.ts'
import { removeLeftOfKilled } from '../support/remove-left.ts'
import { userWithKey } from '../projects/user.ts'
import { openTerminal } from '../../support/terminal-client.ts'
import { createTerminals, processesOf } from './terminals.ts'

let docker: DockerClient
let database: Awaited<ReturnType<typeof createDatabase>>
let survivor: Berth
let victim: ServerProcess
beforeAll(async () => {
  docker = createDockerClient(endpointFromEnv(process.env))
  database = await createDatabase(inject('databaseServerUrl'))
  survivor = await startBerth({ DATABASE_URL: database.url })
  victim = await startServerProcess({ DATABASE_URL: database.url })
})
afterAll(async () => {
  await survivor.stop()
  await victim.stop()
  await removeLeftOfKilled(docker, { instance: survivor.app.projects.instanceId })
  await docker.close()
  await database.drop()
})

it('the shells of a server that was killed are ended by another, and no others', async () => {
  const { user, projectId } = await createTerminals(victim.origin)
  const onVictim = openTerminal(`${victim.origin}/terminal/${projectId}`, { headers: { 'X-API-Key': user.key } })
  await onVictim.hello()
  onVictim.type('nohup sleep 1008 > /dev/null 2>&1 &\n')
  const onSurvivor = openTerminal(`${survivor.origin}/terminal/${projectId}`, { headers: { 'X-API-Key': user.key } })
  await onSurvivor.hello()
  onSurvivor.type('sleep 1009\n')
  await waitFor('both jobs', async () => (await processesOf(projectId)).filter((command) => /^sleep 100[89]$/.test(command)).length === 2)

  victim.kill('SIGKILL')
  await victim.exited
  expect((await onVictim.closed).code).toBe(1006)
  await waitFor('its shell to be ended', async () => !(await processesOf(projectId)).includes('sleep 1008'), 30_000)
  const left = await processesOf(projectId)
  expect(left.filter((command) => command.startsWith('/berth/agent tty'))).toHaveLength(1)
  expect(left).toContain('sleep 1009')
  onSurvivor.type('\u0003')
  onSurvivor.type('echo alive $((6*7))\n')
  await onSurvivor.shows('alive 42\r\n')
  await onSurvivor.close()
  await userWithKey(survivor.origin, user.key).remove(projectId)
})
