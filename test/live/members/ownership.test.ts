import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OfferAnswer } from '../../../src/projects/ownership/schemas.ts'
import type { Project } from '../../../src/projects/core/schemas.ts'
import { PASSWORD, signUp } from '../support/client.ts'
import { startProjectsBerth, type Berth } from '../projects/berth.ts'
import { userWithKey, type User } from '../projects/user.ts'
import { createPerson, join, type Person } from './people.ts'

let berth: Berth
let admin: User
let owner: Person
let member: Person
let stranger: Person

beforeAll(async () => {
  berth = await startProjectsBerth()
  admin = userWithKey(berth.origin, berth.key)
  ;[owner, member, stranger] = await Promise.all([createPerson(berth.origin), createPerson(berth.origin), createPerson(berth.origin)]) as [Person, Person, Person]
})
afterAll(async () => await berth.stop())

type Failure = { readonly code?: string }
const offer = async (project: string, to: { id: string }, by: User = owner) => await by.call<OfferAnswer & Failure>('POST', `/projects/${project}/ownership`, { user: to.id })
const accept = async (project: string, by: User = member) => await by.call<Project & Failure>('POST', `/projects/${project}/ownership/accept`, {})
const assign = async (project: string, to: string, by: User = admin) => await by.call<Failure>('POST', `/api/projects/${project}/owner`, { user: to })
const rolesOf = async (project: string, by: User): Promise<Record<string, string>> => {
  const { body: { members } } = await by.call<{ members: Array<{ user: { id: string }, role: string }> }>('GET', `/projects/${project}/members`)
  return Object.fromEntries(members.map(({ user, role }) => [user.id, role]))
}

async function share (role: 'viewer' | 'editor' = 'viewer'): Promise<string> {
  const { id } = await owner.createProject({ files: [{ path: 'file', content: 'mine' }] })
  await join(owner, id, member, role)
  return id
}

/** Whose password is known. */
async function createKnown () {
  const { user: { id }, call } = await signUp(berth.origin)
  const { body: { key } } = await call<{ key: string }>('POST', '/auth/keys', { name: 'test' })
  return { ...userWithKey(berth.origin, key), id }
}

describe('a project handed on', () => {
  it('is the member\'s who accepts, files and secrets and all; who has owned it works on as an editor', async () => {
    const id = await share()
    await owner.call('PUT', `/projects/${id}/secrets/TOKEN`, { value: 'kept' })
    expect((await offer(id, member)).body.offer?.user).toMatchObject({ id: member.id, email: member.email })
    expect((await member.call<OfferAnswer>('GET', `/projects/${id}/ownership`)).body.offer?.user.id).toBe(member.id)
    const taken = await accept(id)
    expect([taken.status, taken.body.role]).toEqual([200, 'owner'])
    expect(await rolesOf(id, member)).toEqual({ [member.id]: 'owner', [owner.id]: 'editor' })
    expect((await owner.call<Failure>('PATCH', `/projects/${id}`, { name: 'no more' })).body.code).toBe('OWNER_ONLY')
    const { body } = await owner.call<{ output: string }>('POST', `/projects/${id}/exec`, { cmd: 'cat file; echo " $TOKEN"; echo more > file; stat -c %U file' })
    expect(body.output).toContain('mine kept')
    expect(await accept(id)).toMatchObject({ status: 404, body: { code: 'OFFER_NOT_FOUND' } })
    await member.stop(id)
    await member.remove(id)
  })

  it('is offered by its owner alone, to a member, one at a time, and can be declined or taken back', async () => {
    const id = await share()
    expect((await offer(id, stranger)).body.code).toBe('MEMBER_NOT_FOUND')
    expect((await offer(id, owner)).body.code).toBe('MEMBER_NOT_FOUND')
    expect((await offer(id, member, member)).body.code).toBe('OWNER_ONLY')
    expect((await offer(id, member, stranger)).body.code).toBe('PROJECT_NOT_FOUND')
    expect((await offer(id, { id: 'nobody' })).status).toBe(400)
    await join(owner, id, stranger, 'viewer')
    await offer(id, member)
    await offer(id, stranger)
    expect((await accept(id)).body.code).toBe('OFFER_NOT_FOUND')
    expect((await member.call<OfferAnswer>('GET', `/projects/${id}/ownership`)).body.offer).toBeNull()
    expect((await member.call('DELETE', `/projects/${id}/ownership`)).status).toBe(404)
    expect((await stranger.call('DELETE', `/projects/${id}/ownership`)).status).toBe(204)
    expect((await accept(id, stranger)).status).toBe(404)
    await offer(id, member)
    expect((await owner.call('DELETE', `/projects/${id}/ownership`)).status).toBe(204)
    expect((await accept(id)).status).toBe(404)
    await offer(id, member)
    await owner.call('DELETE', `/projects/${id}/members/${member.id}`)
    await join(owner, id, member, 'viewer')
    expect((await accept(id)).status).toBe(404)
    await owner.remove(id)
  })

  it('is stopped before, and fits in with what its new owner may have', async () => {
    const id = await share()
    await offer(id, member)
    await owner.start(id)
    expect((await accept(id)).body.code).toBe('PROJECT_NOT_STOPPED')
    await owner.stop(id)
    await admin.call('PATCH', `/api/users/${member.id}`, { limits: { projects: 0 } })
    expect(await accept(id)).toMatchObject({ status: 429, body: { code: 'PROJECT_QUOTA' } })
    await admin.call('PATCH', `/api/users/${member.id}`, { limits: { projects: 1, snapshotBytes: 1 } })
    await owner.call('POST', `/projects/${id}/snapshots`, {})
    expect((await accept(id)).body.code).toBe('SNAPSHOTS_FULL')
    await admin.call('PATCH', `/api/users/${member.id}`, { limits: { projects: null, snapshotBytes: null } })
    const both = await Promise.all([accept(id), accept(id)])
    expect(both.map(({ status }) => status).sort()).toEqual([200, 404])
    await member.remove(id)
  })

  it('is given by an administrator to anybody at once, without its secrets', async () => {
    const { id } = await owner.createProject()
    await owner.call('PUT', `/projects/${id}/env/PLAIN`, { value: 'stays' })
    await owner.call('PUT', `/projects/${id}/secrets/TOKEN`, { value: 'goes' })
    expect((await assign(id, stranger.id, owner)).body.code).toBe('ADMIN_ONLY')
    expect((await assign(id, randomUUID())).body.code).toBe('USER_NOT_FOUND')
    expect((await assign(randomUUID(), stranger.id)).body.code).toBe('PROJECT_NOT_FOUND')
    expect((await assign(id, owner.id)).status).toBe(204)
    expect((await assign(id, stranger.id)).status).toBe(204)
    expect(await rolesOf(id, stranger)).toEqual({ [stranger.id]: 'owner', [owner.id]: 'editor' })
    expect((await stranger.call<{ env: object }>('GET', `/projects/${id}/env`)).body).toEqual({ env: { PLAIN: 'stays' } })
    expect((await stranger.call<{ secrets: unknown[] }>('GET', `/projects/${id}/secrets`)).body).toEqual({ secrets: [] })
    await stranger.remove(id)
  })

  it('is what an account is asked for that goes while others work in its projects', async () => {
    const leaving = await createKnown()
    const { id } = await leaving.createProject()
    await join(leaving, id, member, 'editor')
    const refused = await admin.call<Failure & { message: string }>('DELETE', `/api/users/${leaving.id}`)
    expect([refused.status, refused.body.code]).toEqual([409, 'OWNS_SHARED'])
    expect(refused.body.message).toContain('/ownership')
    expect((await leaving.call('GET', '/auth/me')).status).toBe(200)
    expect((await leaving.call<Failure>('DELETE', '/auth/me', { password: PASSWORD })).body.code).toBe('OWNS_SHARED')
    expect((await assign(id, member.id)).status).toBe(204)
    expect((await admin.call('DELETE', `/api/users/${leaving.id}`)).status).toBe(204)
    expect(await rolesOf(id, member)).toEqual({ [member.id]: 'owner' })
    await member.remove(id)

    const other = await createKnown()
    const { id: shared } = await other.createProject()
    await join(other, shared, member, 'viewer')
    expect((await other.call('DELETE', '/auth/me', { password: PASSWORD, withShared: true })).status).toBe(204)
    expect((await member.call('GET', `/projects/${shared}`)).status).toBe(404)
  })
})
