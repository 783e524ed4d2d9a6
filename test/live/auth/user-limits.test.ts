import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KnownUser } from '../../../src/auth/users/schemas.ts'
import { startProjectsBerth, type Berth } from '../projects/berth.ts'
import { signUp, type User } from '../projects/user.ts'
import { withKey, type Client } from '../support/client.ts'

let berth: Berth
let admin: Client
beforeAll(async () => {
  berth = await startProjectsBerth({ PROJECT_QUOTA: '2', PROJECT_RUNNING_QUOTA: '1', SNAPSHOT_SIZE: '200m' })
  admin = withKey(berth.origin, berth.key)
})
afterAll(async () => await berth.stop())

interface Answer { user: KnownUser, code: string, message: string }

async function idOf (user: User): Promise<string> {
  return (await user.call<{ user: { id: string } }>('GET', '/auth/me')).body.user.id
}
const limit = async (id: string, limits: unknown) => (await admin.call<Answer>('PATCH', `/api/users/${id}`, { limits })).body
const create = async (user: User) => (await user.call<{ id: string, code: string, message: string }>('POST', '/projects', { name: 'test', runtime: 'python' })).body

describe('the limits of a user', () => {
  it('are those of the server until an administrator sets others, and again when they are taken back', async () => {
    expect((await admin.call('GET', '/api/limits')).body).toEqual({ projects: 2, projectsRunning: 1, snapshotBytes: 10 * 1024 ** 2 })
    const user = await signUp(berth.origin)
    const id = await idOf(user)
    expect((await limit(id, { projects: 3, snapshotBytes: 5 })).user.limits).toEqual({ projects: 3, projectsRunning: null, snapshotBytes: 5 })
    expect((await limit(id, { projects: null, projectsRunning: 2 })).user.limits).toEqual({ projects: null, projectsRunning: 2, snapshotBytes: 5 })
    expect((await admin.call<Answer>('GET', `/api/users/${id}`)).body.user.limits).toEqual({ projects: null, projectsRunning: 2, snapshotBytes: 5 })
  })

  it('count for projects, running projects and snapshots', async () => {
    const user = await signUp(berth.origin)
    const id = await idOf(user)
    const projects = [await create(user), await create(user)]
    expect(await create(user)).toMatchObject({ code: 'PROJECT_QUOTA', message: expect.stringContaining('2 projects') as string })
    await limit(id, { projects: 3 })
    projects.push(await create(user))
    expect(await create(user)).toMatchObject({ code: 'PROJECT_QUOTA', message: expect.stringContaining('3 projects') as string })
    const [first, second] = projects.map((project) => project.id)
    await user.start(String(first))
    expect((await user.call<Answer>('POST', `/projects/${second}/start`)).body).toMatchObject({ code: 'RUNNING_QUOTA', message: expect.stringContaining('1 projects') as string })
    await limit(id, { projectsRunning: 2 })
    expect((await user.start(String(second))).status).toBe('running')
    const snapshot = async () => (await user.call<{ code?: string }>('POST', `/projects/${first}/snapshots`, {})).body.code
    expect(await snapshot()).toBeUndefined()
    await limit(id, { snapshotBytes: 0 })
    expect(await snapshot()).toBe('SNAPSHOTS_FULL')
    for (const project of projects) await user.remove(project.id)
  })

  it('of none let nobody make a project, and those that are there stay', async () => {
    const user = await signUp(berth.origin)
    const { id } = await create(user)
    await limit(await idOf(user), { projects: 0 })
    expect((await create(user)).code).toBe('PROJECT_QUOTA')
    expect((await user.status(id)).status).toBe('stopped')
    await user.remove(id)
  })

  it.each([{}, { projects: -1 }, { projects: 1.5 }, { projects: '3' }, { projectsRunning: 0 }, { snapshotBytes: 2 ** 53 }, { memory: 1 }, [], 3])('are not %j', async (limits) => {
    const user = await signUp(berth.origin)
    expect((await limit(await idOf(user), limits)).code).toBe('VALIDATION_FAILED')
  })
})
