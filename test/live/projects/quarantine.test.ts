import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { projects } from '../../../src/db/schema/projects.ts'
import type { ShownVolume } from '../../../src/projects/lifecycle/quarantine/schemas.ts'
import type { Project } from '../../../src/projects/core/schemas.ts'
import { isDockerError } from '../../../src/docker/index.ts'
import { createPerson, type Person } from '../members/people.ts'
import { startProjectsBerth, type Berth } from './berth.ts'
import { userWithKey, type User } from './user.ts'

let berth: Berth
let admin: User
let user: Person

beforeAll(async () => {
  berth = await startProjectsBerth()
  admin = userWithKey(berth.origin, berth.key)
  user = await createPerson(berth.origin)
})
afterAll(async () => await berth.stop())

type Failure = { readonly code?: string }

/** As a database has it that is older than the project. Resolves with its id and the user of its files. */
async function lose (): Promise<{ id: string, uid: number }> {
  const { id } = await user.createProject({ files: [{ path: 'kept.txt', content: 'still here' }] })
  await user.exec(id, 'mkdir deep; echo more > deep/file')
  await user.stop(id)
  const [row] = await berth.app.db.delete(projects).where(eq(projects.id, id)).returning({ uid: projects.uid })
  await berth.app.projects.reconcile()
  return { id, uid: row?.uid ?? 0 }
}

const list = async (): Promise<ShownVolume[]> => (await admin.call<{ volumes: ShownVolume[] }>('GET', '/api/quarantined-volumes')).body.volumes
const restore = async (id: string, body: object = {}) => await admin.call<Project & Failure>('POST', `/api/quarantined-volumes/${id}/restore`, { name: 'found', runtime: 'python', ...body })
const hasVolume = async (id: string): Promise<boolean> => await berth.app.docker.volumes.inspect(`berth-project-${id}`).then(() => true, (error: unknown) => {
  if (isDockerError(error, 'not_found')) return false
  throw error
})

describe('a volume that the database knows no project of', () => {
  it('is listed, with when it is removed, and becomes a project again with all that is in it', async () => {
    const { id, uid } = await lose()
    const [volume] = await list()
    expect(volume).toMatchObject({ project: id, name: `berth-project-${id}` })
    expect(Date.parse(volume!.removedAt) - Date.parse(volume!.since)).toBe(24 * 3_600_000)

    expect(await restore(id, { runtime: 'nosuch' })).toMatchObject({ status: 400, body: { code: 'UNKNOWN_LANGUAGE' } })
    expect(await restore(id, { owner: randomUUID() })).toMatchObject({ status: 404, body: { code: 'USER_NOT_FOUND' } })
    expect((await restore(id, { name: '' })).status).toBe(400)
    const restored = await restore(id, { owner: user.id })
    expect([restored.status, restored.body]).toMatchObject([201, { id, name: 'found', runtime: 'python', role: 'owner', status: 'stopped' }])
    expect(await list()).toEqual([])
    expect((await user.exec(id, 'cat kept.txt deep/file; echo new > deep/new; stat -c %u deep/file')).output).toBe(`still heremore\n${uid}\n`)
    await user.remove(id)
    expect(await hasVolume(id)).toBe(false)
  })

  it('is removed by hand', async () => {
    const { id } = await lose()
    expect((await admin.call('DELETE', `/api/quarantined-volumes/${id}`)).status).toBe(204)
    expect([await list(), await hasVolume(id)]).toEqual([[], false])
    expect((await admin.call<Failure>('DELETE', `/api/quarantined-volumes/${id}`)).body.code).toBe('VOLUME_NOT_FOUND')
    expect((await restore(id)).body.code).toBe('VOLUME_NOT_FOUND')
  })

  it('is none of a project that there is, and nobody\'s but administrators\' to see', async () => {
    const { id } = await user.createProject()
    await user.start(id)
    expect((await admin.call<Failure>('DELETE', `/api/quarantined-volumes/${id}`)).body.code).toBe('VOLUME_NOT_FOUND')
    expect((await restore(id)).body.code).toBe('VOLUME_NOT_FOUND')
    for (const [method, path] of [['GET', ''], ['DELETE', `/${id}`], ['POST', `/${id}/restore`]] as const) {
      expect((await user.call<Failure>(method, `/api/quarantined-volumes${path}`, method === 'POST' ? { name: 'x', runtime: 'python' } : undefined)).body.code).toBe('ADMIN_ONLY')
    }
    await user.remove(id)
  })
})
