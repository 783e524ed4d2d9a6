import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDockerClient, endpointFromEnv, type DockerClient } from '../../../src/docker/index.ts'
import { berth } from '../../support/berth-command.ts'
import { makeDataDir, removeDataDir } from '../../support/data-dir.ts'
import { startServerProcess, type ServerProcess } from '../../support/server-process.ts'
import { waitFor } from '../../support/wait-for.ts'
import { userWithKey, type User } from '../projects/user.ts'
import { removeInstance } from '../support/remove-left.ts'
import { snapshotsOf } from '../snapshots/snapshots.ts'

const EMAIL = 'ada@example.org'
const PASSWORD = 'violet harbour under snow'
const SETTINGS = { RUNTIMES: 'python', SNAPSHOT_INTERVAL: 'off' }

let docker: DockerClient
let directory: string
let archive: string
let server: ServerProcess
let user: User
let id: string
let instanceId: string
let restored: ServerProcess | undefined

const post = async (origin: string, route: string, body: object) =>
  await fetch(origin + route, { method: 'POST', headers: { 'Content-Type': 'application/json', Origin: origin }, body: JSON.stringify(body) })

const environment = (dataDir: string) => ({ DATA_DIR: dataDir, API_KEY: server.key })

beforeAll(async () => {
  docker = createDockerClient(endpointFromEnv(process.env))
  directory = await makeDataDir()
  archive = path.join(directory, 'berth.tar.gz')
  server = await startServerProcess(SETTINGS)
  const cookie = ((await post(server.origin, '/auth/signup', { email: EMAIL, password: PASSWORD })).headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  const made = await fetch(`${server.origin}/auth/keys`, { method: 'POST', headers: { 'Content-Type': 'application/json', Origin: server.origin, Cookie: cookie }, body: '{"name":"test"}' })
  user = userWithKey(server.origin, (await made.json() as { key: string }).key)
  ;({ id } = await user.createProject({ files: [{ path: 'kept.txt', content: 'kept' }] }))
  await user.call('PUT', `/projects/${id}/secrets/TOKEN`, { value: 's3cret' })
  await user.start(id)
  const service = await user.call('POST', `/projects/${id}/processes`, { cmd: 'sleep 1000', name: 'service', keep: true })
  expect(service.status).toBe(201)
  await snapshotsOf(user, id).create('before')
  instanceId = (await docker.volumes.list({ label: ['berth.kind=project'] })).find(({ Name }) => Name === `berth-project-${id}`)?.Labels?.['berth.instance'] ?? ''
  expect(instanceId).not.toBe('')
})
afterAll(async () => {
  await restored?.stop()
  await server.stop()
  await removeInstance(docker, instanceId)
  await docker.close()
  await rm(directory, { recursive: true })
})

/** What a restore is to bring back, as its users see it. */
async function expectAll (origin: string): Promise<void> {
  expect((await post(origin, '/auth/signin', { email: EMAIL, password: PASSWORD })).status).toBe(200)
  const again = userWithKey(origin, user.key)
  expect((await again.start(id)).status).toBe('running')
  expect((await again.exec(id, 'cat kept.txt; printf %s "$TOKEN"')).output).toBe('kepts3cret')
  await waitFor('the service to run', async () => {
    const { body } = await again.call<{ processes: Array<{ name: string, status: string }> }>('GET', `/projects/${id}/processes`)
    return body.processes.some(({ name, status }) => name === 'service' && status === 'running')
  })
  expect((await snapshotsOf(again, id).list()).map(({ name }) => name)).toEqual(['before'])
}

describe('berth backup and restore', () => {
  it('take a server as it is at one moment, while it is being written to', async () => {
    let isOver = false
    const writing = (async () => {
      for (let i = 0; !isOver; i++) await user.call('PUT', `/projects/${id}/env/COUNT`, { value: String(i) })
    })()
    const made = await berth(['backup', archive], environment(server.dataDir)).finally(() => { isOver = true })
    await writing
    expect(made).toMatchObject({ code: 0, stdout: '' })
    expect(made.stderr).toMatch(/not encrypted, and the keys are in it/)
    expect(made.stderr).toMatch(/API_KEY come from the environment/)
    expect((await stat(archive)).mode & 0o777).toBe(0o600)
    const again = await berth(['backup', archive], environment(server.dataDir))
    expect([again.code, again.stderr]).toEqual([1, expect.stringMatching(/is there already/)])
  })

  it('refuse an Engine that has the projects, which a server may be working with', async () => {
    await user.exec(id, 'echo later > later.txt')
    const dataDir = await makeDataDir()
    try {
      const { code, stderr } = await berth(['restore', archive], environment(dataDir))
      expect([code, stderr]).toEqual([1, expect.stringMatching(/are on this Docker Engine already/)])
      expect((await userWithKey(server.origin, user.key).exec(id, 'cat later.txt')).output).toBe('later\n')
    } finally {
      await removeDataDir(dataDir)
    }
  })

  it('bring everything back on an empty machine', async () => {
    server.kill('SIGTERM')
    await server.exited
    await removeInstance(docker, instanceId)
    const emptyDir = await makeDataDir()
    const { code, stderr } = await berth(['restore', archive], environment(emptyDir))
    expect([code, stderr]).toEqual([0, expect.stringMatching(/belong to this Docker Engine from now on/)])
    restored = await startServerProcess({ ...SETTINGS, DATA_DIR: emptyDir })
    await expectAll(restored.origin)
    // What came after the backup is not there.
    expect((await userWithKey(restored.origin, user.key).exec(id, 'ls')).output).toBe('kept.txt\n')
  })

  it('refuse a DATA_DIR in use, and then a database that is not empty', async () => {
    const { dataDir, kill, exited } = restored as ServerProcess
    const inUse = await berth(['restore', archive], environment(dataDir))
    expect([inUse.code, inUse.stderr]).toEqual([1, expect.stringMatching(/in use by another Berth/)])
    kill('SIGTERM')
    await exited
    const filled = await berth(['restore', archive, '--adopt'], environment(dataDir))
    expect([filled.code, filled.stderr]).toEqual([1, expect.stringMatching(/the database is not empty/)])
  })

  it('keep what is encrypted from whoever lacks the identity', async () => {
    const identity = path.join(directory, 'identity')
    const { stdout } = await berth(['backup-key', identity])
    expect((await stat(identity)).mode & 0o777).toBe(0o600)
    const encrypted = path.join(directory, 'berth.tar.gz.age')
    const next = await startServerProcess(SETTINGS)
    try {
      const made = await berth(['backup', encrypted, '--recipient', stdout.trim()], environment(next.dataDir))
      expect([made.code, made.stderr]).toEqual([0, expect.not.stringMatching(/not encrypted/)])
    } finally {
      await next.stop()
    }
    const other = path.join(directory, 'other')
    await berth(['backup-key', other])
    const dataDir = path.join(directory, 'nothing')
    expect((await berth(['restore', encrypted, '--check'], environment(dataDir))).stderr).toMatch(/is encrypted: --identity-file/)
    expect((await berth(['restore', encrypted, '--check', '--identity-file', other], environment(dataDir))).stderr).toMatch(/does not open this archive/)
    expect(await berth(['restore', encrypted, '--check', '--identity-file', identity], environment(dataDir))).toMatchObject({ code: 0, stderr: expect.stringMatching(/is whole/) })
    await expect(stat(dataDir)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('change nothing for an archive in which a byte is another', async () => {
    const bytes = await readFile(archive)
    const broken = path.join(directory, 'broken.tar.gz')
    const middle = bytes.length >> 1
    bytes.writeUInt8(bytes.readUInt8(middle) ^ 0x10, middle)
    await writeFile(broken, bytes)
    const dataDir = path.join(directory, 'untouched')
    const { code, stderr } = await berth(['restore', broken], environment(dataDir))
    expect([code, stderr]).toEqual([1, expect.stringMatching(/the archive is damaged.*Nothing was changed/)])
    await expect(stat(dataDir)).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
