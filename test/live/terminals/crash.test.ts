import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { createDockerClient, endpointFromEnv, type DockerClient } from '../../../src/docker/index.ts'
import { startServerProcess, type ServerProcess } from '../../support/server-process.ts'
import { createDatabase } from '../../support/test-database.ts'
import { startBerth, type Berth } from '../support/berth.ts'
import { removeLeftOfKilled } from '../support/remove-left.ts'
import { userWithKey } from '../projects/user.ts'
import { openTerminal } from '../../support/terminal-client.ts'
import { createTerminals } from './terminals.ts'

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

it('the shells of a server that was killed are found again by another, with every byte', async () => {
  const { user, projectId } = await createTerminals(victim.origin)
  const connect = (origin: string, query = '') => openTerminal(`${origin}/terminal/${projectId}${query}`, { headers: { 'X-API-Key': user.key } })
  const before = connect(victim.origin)
  const { terminal } = await before.hello()
  before.type('stty -echo; PS1=; mark=kept; for i in $(seq 1 3000); do echo $i; test $i = 500 && read -r go; done; echo done\n')
  await before.shows('\n500\r\n')
  before.type('\n')
  await before.shows('\n600\r\n')

  victim.kill('SIGKILL')
  await victim.exited
  expect((await before.closed).code).toBe(1006)
  const onSurvivor = userWithKey(survivor.origin, user.key)
  expect((await onSurvivor.call('GET', `/projects/${projectId}/terminals`)).body).toMatchObject({ terminals: [{ id: terminal, sockets: 0, ended: false }] })
  const after = connect(survivor.origin, `?terminal=${terminal}&since=${before.position()}`)
  expect(await after.hello()).toMatchObject({ terminal, seq: before.position() })
  await after.shows('done\r\n')
  const whole = Buffer.concat([before.output(), after.output()]).toString()
  expect(whole.slice(whole.indexOf('1\r\n2\r\n'), whole.lastIndexOf('done\r\n'))).toBe(Array.from({ length: 3000 }, (_, index) => `${index + 1}\r\n`).join(''))
  after.type('echo $mark; exit 4\n')
  expect((await after.closed).code).toBe(1000)
  expect(after.text()).toContain('kept\r\n')
  expect(await after.message('exit')).toEqual({ type: 'exit', code: 4 })
  await onSurvivor.remove(projectId)
})

it('two servers show one terminal, and its size is told at both', async () => {
  const { user, projectId } = await createTerminals(survivor.origin)
  const other = await startServerProcess({ DATABASE_URL: database.url })
  const connect = (origin: string, query = '') => openTerminal(`${origin}/terminal/${projectId}${query}`, { headers: { 'X-API-Key': user.key } })
  const here = connect(survivor.origin)
  const { terminal } = await here.hello()
  const there = connect(other.origin, `?terminal=${terminal}`)
  await there.hello()
  there.say({ type: 'resize', cols: 99, rows: 33 })
  expect(await here.message('size')).toEqual({ type: 'size', cols: 99, rows: 33 })
  there.type('echo from there $((6*7))\n')
  await here.shows('from there 42\r\n')
  here.type('exit\n')
  expect([(await here.closed).code, (await there.closed).code]).toEqual([1000, 1000])
  await userWithKey(survivor.origin, user.key).remove(projectId)
  await other.stop()
})
