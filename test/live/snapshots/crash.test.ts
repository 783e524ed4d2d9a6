import { readdir } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { createDockerClient, endpointFromEnv } from '../../../src/docker/index.ts'
import type { VolumeStep } from '../../../src/projects/lifecycle/volumes/steps.ts'
import { startS3Server } from '../../support/s3-server.ts'
import { makeTar } from '../../support/tar-fixture.ts'
import { createDatabase } from '../../support/test-database.ts'
import { waitFor } from '../../support/wait-for.ts'
import { archivesOf, describeTree, unpacked } from '../archives/archives.ts'
import { startProjectsBerth, type Berth } from '../projects/berth.ts'
import { removeLeftOfKilled } from '../support/remove-left.ts'
import { startCrashingBerth } from '../projects/crashing-berth.ts'
import { signUp, userWithKey, type User } from '../projects/user.ts'
import { snapshotsOf } from './snapshots.ts'
import type { Variables } from '../../support/variables.ts'

const LEASE_MS = 1_500

let database: Awaited<ReturnType<typeof createDatabase>>
let store: Awaited<ReturnType<typeof startS3Server>>
let env: Variables
let berth: Berth
let user: User
let id: string
let snapshots: ReturnType<typeof snapshotsOf>

beforeAll(async () => {
  database = await createDatabase(inject('databaseServerUrl'))
  store = await startS3Server()
  const { endpoint, bucket, prefix, credentials } = store.options
  env = {
    SNAPSHOT_INTERVAL: 'off',
    SNAPSHOT_STORE: `s3://${bucket}/${prefix}?endpoint=${encodeURIComponent(endpoint)}`,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey
  }
  berth = await startProjectsBerth({ ...env, DATABASE_URL: database.url }, { lifecycle: { leaseMs: LEASE_MS }, settings: { snapshots: { s3: store.options } } })
  user = await signUp(berth.origin)
})
afterAll(async () => {
  await berth.stop()
  const docker = createDockerClient(endpointFromEnv(process.env))
  await removeLeftOfKilled(docker, { instance: berth.app.projects.instanceId })
  await docker.close()
  await database.drop()
  await store.stop()
})
beforeEach(async () => {
  ({ id } = await user.createProject({ files: [{ path: 'old', content: '1' }, { path: 'dir/old', content: '2' }] }))
  snapshots = snapshotsOf(user, id)
})
afterEach(async () => { await user.call('DELETE', `/projects/${id}`) })

/** Undefined while a directory goes that is just read. */
async function countObjects (): Promise<number | undefined> {
  const names = await readdir(store.directory, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  return names?.filter((name) => name.endsWith('_object')).length
}

const names = (text: string): string[] => text.split('\n').filter((line) => line !== '').map((line) => line.split(' ')[1] ?? '')

/** As the next one finds it, who asks at once and waits for nothing. */
async function listNow (): Promise<string[]> {
  return names(await unpacked(await archivesOf(berth.origin, user, id).download(), 'tar.gz', describeTree))
}

async function dieAt (step: VolumeStep, ask: (victim: User, origin: string) => Promise<unknown>): Promise<void> {
  const crashing = await startCrashingBerth({ databaseUrl: database.url, step, leaseMs: LEASE_MS, env })
  await ask(userWithKey(crashing.origin, user.key), crashing.origin).catch(() => undefined)
  expect(await crashing.exited).toEqual([null, 'SIGKILL'])
}

/** Whoever works on the files once the dead server's lease has run out cleans up. */
async function nothingOfOursIsLeft (): Promise<void> {
  await waitFor('nothing of ours to be left', async () => {
    await listNow()
    return (await user.exec(id, 'ls -A | grep "^.berth" || true')).output === ''
  })
}

describe('a server that is killed', () => {
  it.each<[VolumeStep, 'old' | 'new']>([
    ['change:begun', 'old'], ['change:staged', 'old'], ['change:committed', 'new'], ['change:cleared', 'new'], ['change:placed', 'new'], ['change:settled', 'new']
  ])('at %s of a restore leaves the %s files, all of them', async (step, state) => {
    await user.exec(id, 'rm -r old dir; mkdir -p new/deep; touch new/deep/file')
    const { id: snapshot } = await snapshots.create()
    await user.exec(id, 'rm -r new; mkdir dir; touch old dir/old')
    await dieAt(step, async (victim) => await victim.send('POST', `/projects/${id}/snapshots/${snapshot}/restore`))
    expect(await listNow()).toEqual(state === 'old' ? ["'dir'", "'dir/old'", "'old'"] : ["'new'", "'new/deep'", "'new/deep/file'"])
    await nothingOfOursIsLeft()
  })

  it.each<[VolumeStep, 'old' | 'new']>([
    ['change:begun', 'old'], ['change:staged', 'old'], ['change:committed', 'new'], ['change:placed', 'new'], ['change:settled', 'new']
  ])('at %s of an upload to a project at rest leaves the %s files, all of them', async (step, state) => {
    const tar = await makeTar([{ name: 'dir/new', content: '3' }, { name: 'other/new', content: '4' }])
    await dieAt(step, async (victim, origin) => await archivesOf(origin, victim, id).upload(tar))
    const old = ["'dir'", "'dir/old'", "'old'"]
    expect(await listNow()).toEqual(state === 'old' ? old : ["'dir'", "'other'", "'dir/new'", "'dir/old'", "'old'", "'other/new'"])
    expect(await user.exec(id, 'cat old dir/old')).toMatchObject({ output: '12' })
    await nothingOfOursIsLeft()
  })

  it('at change:committed does not put a project out of reach whose permissions forbid the rest', async () => {
    const { id: snapshot } = await snapshots.create()
    await user.start(id)
    await dieAt('change:committed', async (victim) => await victim.send('POST', `/projects/${id}/snapshots/${snapshot}/restore`))
    await user.exec(id, 'chmod 500 /workspace')
    expect(await listNow()).toContain("'old'")
    await user.exec(id, 'chmod 700 /workspace')
    expect((await snapshots.restore(snapshot)).id).toBe(snapshot)
    await nothingOfOursIsLeft()
  })

  it.each<[VolumeStep, number]>([['snapshot:begun', 0], ['snapshot:stored', 0], ['snapshot:indexed', 0], ['snapshot:complete', 1]])('at %s leaves no object that nobody knows', async (step, kept) => {
    await dieAt(step, async (victim) => await victim.send('POST', `/projects/${id}/snapshots`))
    expect((await snapshots.list()).length).toBe(kept)
    // The next one waits until the dead server's lease has run out, and each deletion is followed by a sweep.
    await snapshots.remove((await snapshots.create()).id)
    await waitFor('what the dead server had begun to be removed', async () => await countObjects() === kept)
  })

  it.each<VolumeStep>(['change:begun', 'change:staged', 'change:committed', 'change:cleared', 'change:placed', 'change:settled'])('at %s of filling a new project does not keep the next from it', async (step) => {
    const { id: snapshot } = await snapshots.create()
    const made = await user.createProject({ fromSnapshot: snapshot })
    try {
      await dieAt(step, async (victim) => await victim.send('POST', `/projects/${made.id}/start`))
      await waitFor('the start to be taken over', async () => (await user.call('POST', `/projects/${made.id}/start`)).status === 200)
      expect(await user.exec(made.id, 'cat old dir/old; ls -A | wc -l')).toMatchObject({ output: '122\n' })
    } finally {
      await user.remove(made.id)
    }
  })
})
