import { readdir, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { eq } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { auditEvents, projectVolumes } from '../../../src/db/schema/index.ts'
import { createDockerClient, endpointFromEnv, isDockerError, type DockerClient } from '../../../src/docker/index.ts'
import { makeDataDir, removeDataDir } from '../../support/data-dir.ts'
import { startS3Server } from '../../support/s3-server.ts'
import { makeTar } from '../../support/tar-fixture.ts'
import { waitFor } from '../../support/wait-for.ts'
import { DESCRIBE_TREE, MAKE_TREE, archivesOf, describeTree, unpacked } from '../archives/archives.ts'
import { startProjectsBerth, type Berth } from '../projects/berth.ts'
import { signUp, type User } from '../projects/user.ts'
import { snapshotsOf } from './snapshots.ts'

/** Files of objects, however the storage calls them. */
async function filesIn (directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))
}

async function startDirectory () {
  const dataDir = await makeDataDir()
  return { env: { DATA_DIR: dataDir }, s3: undefined, directory: path.join(dataDir, 'snapshots'), stop: async () => await removeDataDir(dataDir) }
}

async function startS3 () {
  const { options, directory, stop } = await startS3Server()
  return { env: {}, s3: options, directory, stop }
}

let docker: DockerClient
let berth: Berth
let user: User
let id: string
let snapshots: ReturnType<typeof snapshotsOf>

beforeAll(() => { docker = createDockerClient(endpointFromEnv(process.env)) })
afterAll(async () => await docker.close())

const inside = async (program: string, ...args: string[]): Promise<string> => {
  const { output, error, exitCode } = await user.exec(id, ['python3', '-c', program, ...args])
  if (exitCode !== 0) throw new Error(error)
  return output
}
const tree = async (): Promise<string> => await inside(DESCRIBE_TREE, '/workspace', '--ns')

async function isNotDue (): Promise<boolean> {
  const [volume] = await berth.app.db.select({ dueAt: projectVolumes.snapshotDueAt }).from(projectVolumes).where(eq(projectVolumes.projectId, id))
  return volume?.dueAt === null
}

/** As when a disk or an Engine was replaced. */
async function loseVolume (): Promise<void> {
  const name = `berth-project-${id}`
  // An automatic snapshot may begin to read it in between.
  await waitFor('the volume to be free', async () => {
    const using = await docker.containers.list({ all: true, filters: { volume: [name] } })
    await Promise.all(using.map(async ({ Id }) => await docker.containers.remove(Id, { force: true, volumes: true })))
    return await docker.volumes.remove(name).catch((error: unknown) => {
      if (!isDockerError(error, 'conflict')) throw error
      return false
    })
  })
}

describe.each([['a directory', startDirectory], ['an S3 store', startS3]])('snapshots in %s', (_name, start) => {
  let store: Awaited<ReturnType<typeof start>>

  beforeAll(async () => {
    store = await start()
    berth = await startProjectsBerth({ ...store.env, PROJECT_QUOTA: '4' }, { settings: { snapshots: { manualMost: 3, s3: store.s3 } } })
    user = await signUp(berth.origin)
  })
  afterAll(async () => {
    await berth.stop()
    await store.stop()
  })
  beforeEach(async () => {
    ({ id } = await user.createProject({ files: [{ path: 'given', content: 'at creation' }] }))
    snapshots = snapshotsOf(user, id)
  })
  afterEach(async () => {
    await user.call('DELETE', `/projects/${id}`)
    await waitFor('no object to be left', async () => (await filesIn(store.directory)).length === 0)
  })

  it('bring back everything as it was, while the project runs', async () => {
    await inside(MAKE_TREE)
    const before = await tree()
    const made = await snapshots.create('before')
    expect(made).toMatchObject({ name: 'before', kind: 'manual', files: 307, leftOut: 0, checksum: expect.stringMatching(/^[0-9a-f]{64}$/) })
    await inside('import os, shutil\nshutil.rmtree("src"); os.remove("main.py"); open("given", "w").write("changed"); os.makedirs("new/deep"); open("new/deep/f", "w")')
    expect(await snapshots.restore(made.id)).toEqual(made)
    expect(await tree()).toBe(before)
  })

  it('keep what there was before another one is restored', async () => {
    const first = await snapshots.create()
    await inside('open("given", "w").write("changed")')
    await snapshots.restore(first.id)
    const [undo] = (await snapshots.list()).filter(({ kind }) => kind === 'automatic')
    await snapshots.restore(undo?.id ?? '')
    expect(await inside('print(open("given").read())')).toBe('changed\n')
  })

  it('of a project that never ran hold its first files', async () => {
    expect(await snapshots.create()).toMatchObject({ files: 1, name: null })
    expect(await user.status(id)).toMatchObject({ status: 'stopped' })
  })

  it('are taken when a project has stopped and files have changed, and only then', async () => {
    await inside('open("f", "w").write("1")')
    await user.stop(id)
    const first = await snapshots.nextAutomatic()
    expect(first).toMatchObject({ kind: 'automatic', files: 2 })
    await user.start(id)
    await user.stop(id)
    await inside('open("f", "w").write("2")')
    await user.stop(id)
    await snapshots.nextAutomatic([first])
    expect((await snapshots.list()).length).toBe(2)
  })

  it('survive that the container and the volume are removed by hand', async () => {
    await inside(MAKE_TREE)
    const before = await tree()
    await user.stop(id)
    await snapshots.nextAutomatic()
    await loseVolume()
    await user.start(id)
    expect(await tree()).toBe(before)
    const events = await waitFor('the audit event', async () => {
      const rows = await berth.app.db.select().from(auditEvents)
      return rows.find(({ action, subject }) => action === 'project.recover' && subject === id)
    })
    expect(events.details).toEqual({ isRestored: true })
    expect((await user.status(id)).recovered).toEqual({ at: expect.any(String), isRestored: true })
  })

  it('are taken of a project whose files are changed while it never runs, so that they survive its volume', async () => {
    const write = async (file: string, content: string) => await user.send('PUT', `/projects/${id}/files/${file}`, undefined, { body: content })
    expect((await write('f', 'first')).status).toBe(201)
    expect((await write('f', 'second')).status).toBe(204)
    expect(await snapshots.nextAutomatic()).toMatchObject({ files: 2 })
    expect((await snapshots.list()).length).toBe(1)
    await loseVolume()
    expect(await (await user.send('GET', `/projects/${id}/files/f`)).text()).toBe('second')
    expect(await (await user.send('GET', `/projects/${id}/files/given`)).text()).toBe('at creation')
    expect(await user.status(id)).toMatchObject({ status: 'stopped' })
  })

  it('are taken of what an upload and a restore have made of a project at rest', async () => {
    const archives = archivesOf(berth.origin, user, id)
    const { id: given } = await snapshots.create()
    expect((await archives.upload(await makeTar([{ name: 'uploaded', content: '1' }]))).status).toBe(200)
    const uploaded = await snapshots.nextAutomatic()
    expect(uploaded).toMatchObject({ files: 2 })
    await snapshots.restore(given)
    expect(await snapshots.nextAutomatic([uploaded])).toMatchObject({ files: 1 })
  })

  it('are not taken of a project that has nothing left, unless it has none', async () => {
    await inside('open("f", "w").write("1")')
    await user.stop(id)
    const good = await snapshots.nextAutomatic()
    await inside('import os\nfor name in os.listdir("."): os.remove(name)')
    await user.stop(id)
    await waitFor('somebody to have looked', async () => {
      const { checkedAt } = (await user.status(id)).snapshot
      return checkedAt !== null && Date.parse(checkedAt) > Date.parse(good.createdAt) && await isNotDue()
    }, 30_000)
    expect(await snapshots.list()).toEqual([good])
    const fork = await snapshots.fork()
    expect(await user.exec(fork.id, 'ls -A')).toMatchObject({ output: '' })
    await user.remove(fork.id)
  })

  it('are there for whoever reads a lost volume without a start', async () => {
    await snapshots.create()
    await loseVolume()
    const archive = await archivesOf(berth.origin, user, id).download()
    expect(await unpacked(archive, 'tar.gz', describeTree)).toMatch(/'given'/)
  })

  it('are not needed for the files that a project was made with, until there is one: a lost volume gets these again', async () => {
    await user.start(id)
    expect((await user.status(id)).recovered).toBeNull()
    await loseVolume()
    await waitFor('the project to be known as stopped', async () => (await user.status(id)).status === 'stopped')
    await user.start(id)
    expect((await user.status(id)).recovered).toEqual({ at: expect.any(String), isRestored: false })
    expect(await user.exec(id, 'ls -A; cat given')).toMatchObject({ output: 'given\nat creation' })
    await waitFor('the audit event', async () => {
      const rows = await berth.app.db.select().from(auditEvents)
      return rows.some(({ action, subject, details }) => action === 'project.recover' && subject === id && details.isRestored === false)
    })
  })

  it.each(['cut off', 'altered'])('that are %s change nothing, and an older one fills a lost volume', async (damage) => {
    await snapshots.create('older')
    const older = await filesIn(store.directory)
    await inside('open("given", "w").write("newer")')
    const newer = await snapshots.create('newer')
    const [object = ''] = (await filesIn(store.directory)).filter((file) => isObject(file) && !older.includes(file))
    if (damage === 'cut off') await truncate(object, newer.size - 20)
    else await writeFile(object, Buffer.alloc(newer.size))
    expect(await snapshots.tryRestore(newer.id)).toMatchObject({ status: 409, body: { code: 'SNAPSHOT_DAMAGED' } })
    expect(await inside('print(open("given").read())')).toBe('newer\n')
    await loseVolume()
    await waitFor('the project to be known as stopped', async () => (await user.status(id)).status === 'stopped')
    expect(await inside('print(open("given").read())')).toBe('at creation\n')
  })

  it('are of one project, and not for other users', async () => {
    const { id: snapshot } = await snapshots.create()
    const other = await signUp(berth.origin)
    const { id: otherProject } = await other.createProject()
    expect((await other.call('GET', `/projects/${id}/snapshots`)).status).toBe(404)
    expect((await other.call('GET', `/projects/${otherProject}/snapshots/${snapshot}`)).status).toBe(404)
    expect((await snapshotsOf(other, otherProject).tryRestore(snapshot)).body).toMatchObject({ code: 'SNAPSHOT_NOT_FOUND' })
    expect(await other.call('POST', '/projects', { name: 'x', runtime: 'python', fromSnapshot: snapshot })).toMatchObject({ status: 404, body: { code: 'SNAPSHOT_NOT_FOUND' } })
    await other.remove(otherProject)
  })

  it('are limited for each project, deleted, and listed page by page', async () => {
    const made = [await snapshots.create('1'), await snapshots.create('2'), await snapshots.create('3')]
    expect(await user.call('POST', `/projects/${id}/snapshots`, {})).toMatchObject({ status: 429, body: { code: 'SNAPSHOT_QUOTA' } })
    const first = await user.call<{ snapshots: unknown[], nextCursor: string }>('GET', `/projects/${id}/snapshots?limit=2`)
    const second = await user.call<{ snapshots: unknown[], nextCursor: null }>('GET', `/projects/${id}/snapshots?limit=2&cursor=${first.body.nextCursor}`)
    expect([...first.body.snapshots, ...second.body.snapshots]).toEqual(made.reverse())
    expect(second.body.nextCursor).toBeNull()
    await snapshots.remove(made[0]?.id ?? '')
    expect((await user.call('DELETE', `/projects/${id}/snapshots/${made[0]?.id ?? ''}`)).status).toBe(404)
    expect((await user.call('GET', `/projects/${id}/snapshots?cursor=nonsense`)).status).toBe(400)
  })

  it('make new projects, which outlive the old one', async () => {
    const { id: snapshot } = await snapshots.create()
    const { id: second } = await user.createProject({ fromSnapshot: snapshot })
    await snapshots.remove(snapshot)
    await user.remove(id)
    expect(await user.exec(second, 'cat given')).toMatchObject({ output: 'at creation' })
    await user.remove(second)
  })

  it('fork a running project into one that goes its own way', async () => {
    await inside('open("f", "w").write("shared")')
    const fork = await snapshots.fork({ name: 'mine' })
    expect(fork).toMatchObject({ name: 'mine', runtime: 'python', status: 'stopped' })
    await inside('open("f", "w").write("source")')
    await user.exec(fork.id, 'printf fork > g')
    expect(await user.exec(fork.id, 'cat f g')).toMatchObject({ output: 'sharedfork' })
    expect(await user.exec(id, 'cat f; ls')).toMatchObject({ output: 'sourcef\ngiven\n' })
    await user.remove(fork.id)
  })

  it('fork no more projects than one may have', async () => {
    const others = [await snapshots.fork(), await snapshots.fork(), await snapshots.fork()]
    expect(others[0]?.name).toBe('Fork of test')
    expect(await user.call('POST', `/projects/${id}/fork`)).toMatchObject({ status: 429, body: { code: 'PROJECT_QUOTA' } })
    for (const other of others) await user.remove(other.id)
  })

  it('and uploads wait for each other', async () => {
    const archives = archivesOf(berth.origin, user, id)
    const archive = await archives.download()
    const made = await Promise.all([snapshots.create(), archives.upload(archive, 'replace=true', 'application/gzip'), snapshots.create()])
    expect(made).toMatchObject([{ files: 1 }, { status: 200 }, { files: 1 }])
  })
})

describe('a storage that is away', () => {
  it('is told as such, and no project begins with less than there may be', async () => {
    const store = await startS3()
    berth = await startProjectsBerth({ SNAPSHOT_INTERVAL: 'off', LOG_LEVEL: 'fatal' }, { settings: { snapshots: { s3: store.s3 } } })
    user = await signUp(berth.origin)
    try {
      ({ id } = await user.createProject({ files: [{ path: 'given', content: 'x' }] }))
      snapshots = snapshotsOf(user, id)
      const { id: snapshot } = await snapshots.create()
      await store.stop()
      expect(await snapshots.tryRestore(snapshot)).toMatchObject({ status: 503, body: { code: 'STORAGE_UNAVAILABLE' } })
      expect(await user.call('POST', `/projects/${id}/snapshots`)).toMatchObject({ status: 503, body: { code: 'STORAGE_UNAVAILABLE' } })
      await loseVolume()
      expect(await user.call('POST', `/projects/${id}/start`)).toMatchObject({ status: 503, body: { code: 'STORAGE_UNAVAILABLE' } })
      await user.remove(id)
    } finally {
      await berth.stop()
    }
  })
})

/** s3rver keeps what it knows of an object beside it. */
function isObject (file: string): boolean {
  return !/_(metadata\.json|object\.md5)$|_\$/.test(path.basename(file)) || path.basename(file).endsWith('_object')
}
