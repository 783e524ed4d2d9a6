import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { AuditEvent } from '../../../src/plugins/audit.ts'
import type { ProjectList } from '../../../src/projects/core/schemas.ts'
import type { Received, ShownInvitation, ShownMember } from '../../../src/projects/members/schemas.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startProjectsBerth, type Berth } from '../projects/berth.ts'
import { signUp as signUpByCookie } from '../support/client.ts'
import { createLink, createPerson, join, openLink, type Person } from './people.ts'

let berth: Berth
let owner: Person
let guest: Person
let stranger: Person
let id: string
beforeAll(async () => {
  berth = await startProjectsBerth()
  ;[owner, guest, stranger] = await Promise.all([createPerson(berth.origin), createPerson(berth.origin), createPerson(berth.origin)])
})
beforeEach(async () => {
  ({ id } = await owner.createProject())
})
afterEach(async () => { await owner.call('DELETE', `/projects/${id}`) })
afterAll(async () => await berth.stop())

const NO_UUID = '00000000-0000-4000-8000-000000000000'
const invite = async (email: string, role = 'viewer', more: Record<string, unknown> = {}) =>
  await owner.call<{ invitation: ShownInvitation, code?: string }>('POST', `/projects/${id}/members`, { email, role, ...more })
const received = async (by: Person) => (await by.call<{ invitations: Received[] }>('GET', '/invitations')).body.invitations.filter(({ project }) => project.id === id)
const roleOf = async (who: Person) => (await who.call<{ role?: string }>('GET', `/projects/${id}`)).body.role
const membersOf = async (by: Person) => (await by.call<{ members: ShownMember[] }>('GET', `/projects/${id}/members`)).body.members
const invitations = async () => (await owner.call<{ invitations: ShownInvitation[] }>('GET', `/projects/${id}/invitations`)).body.invitations

describe('an invitation by email', () => {
  it('is found by the account, and makes it a member when it is accepted, once', async () => {
    const { status, body } = await invite(guest.email.toUpperCase(), 'editor')
    expect([status, body.invitation]).toEqual([201, { id: expect.any(String), email: guest.email, role: 'editor', uses: 0, maxUses: null, createdAt: expect.any(String), expiresAt: expect.any(String) }])
    expect(await roleOf(guest)).toBeUndefined()
    const [found] = await received(guest)
    expect(found).toMatchObject({ id: body.invitation.id, role: 'editor', project: { id, name: 'test' }, owner: { id: owner.id, email: owner.email } })
    expect(await received(stranger)).toEqual([])
    expect((await stranger.call('POST', `/invitations/${found?.id}/accept`)).body.code).toBe('INVITATION_NOT_FOUND')
    expect((await guest.call('POST', `/invitations/${found?.id}/accept`)).body).toMatchObject({ id, role: 'editor' })
    expect((await guest.call('POST', `/invitations/${found?.id}/accept`)).status).toBe(404)
    expect(await invitations()).toEqual([])
    expect((await membersOf(owner)).map(({ user, role }) => [user.id, role])).toEqual([[owner.id, 'owner'], [guest.id, 'editor']])
  })

  it('looks the same where there is no such account, and is not for who takes the email later', async () => {
    const shape = ({ status, body }: Awaited<ReturnType<typeof invite>>) => [status, Object.keys(body.invitation)]
    const email = `nobody-${Date.now()}@example.org`
    expect(shape(await invite(email))).toEqual(shape(await invite(guest.email)))
    expect((await invitations()).map((one) => [one.email, one.uses])).toEqual([[guest.email, 0], [email, 0]])
    const later = await signUpByCookie(berth.origin, { email })
    expect((await later.call('GET', '/invitations')).body).toEqual({ invitations: [], nextCursor: null })
  })

  it('takes the place of the one before, can be declined, and taken back', async () => {
    await invite(guest.email)
    await invite(guest.email, 'editor')
    const [only, ...others] = await received(guest)
    expect([only?.role, others]).toEqual(['editor', []])
    expect((await stranger.call('DELETE', `/invitations/${only?.id}`)).status).toBe(404)
    expect((await guest.call('DELETE', `/invitations/${only?.id}`)).status).toBe(204)
    expect(await received(guest)).toEqual([])
    const { body: { invitation } } = await invite(guest.email)
    expect((await owner.call('DELETE', `/projects/${id}/invitations/${invitation.id}`)).status).toBe(204)
    expect((await guest.call('POST', `/invitations/${invitation.id}/accept`)).body.code).toBe('INVITATION_NOT_FOUND')
    expect((await owner.call('DELETE', `/projects/${id}/invitations/${invitation.id}`)).body.code).toBe('INVITATION_NOT_FOUND')
  })

  it.each([
    [{ email: 'none' }], [{ email: '' }], [{ role: 'owner' }], [{ role: 'admin' }], [{ role: undefined }], [{ extra: 1 }],
    [{ expiresAt: '2001-01-01T00:00:00Z' }], [{ expiresAt: '9999-01-01T00:00:00Z' }], [{ expiresAt: 'soon' }], [{ expiresAt: '2016-12-31T23:59:60Z' }]
  ])('with %j is refused with 400', async (wrong) => {
    expect((await owner.call('POST', `/projects/${id}/members`, { email: guest.email, role: 'viewer', ...wrong })).status).toBe(400)
  })
})

describe('a link', () => {
  it('makes whoever opens it a member, and counts them; its token is shown once and stored as a hash', async () => {
    const { token, link, ...made } = await createLink(owner, id)
    expect(link).toBe(`${berth.origin}/invitation#${token}`)
    expect((await openLink(guest, token)).body).toMatchObject({ id, role: 'viewer', name: 'test' })
    expect((await openLink(guest, token)).body).toMatchObject({ role: 'viewer' })
    expect((await openLink(owner, token)).body).toMatchObject({ role: 'owner' })
    expect(await invitations()).toEqual([{ ...made, uses: 1 }])
    expect(JSON.stringify(await invitations())).not.toContain(token)
  })

  it('never makes anybody less than they are, and an editor of a viewer', async () => {
    const [viewer, editor] = [await createLink(owner, id), await createLink(owner, id, { role: 'editor' })]
    await openLink(guest, viewer.token)
    expect((await openLink(guest, editor.token)).body.role).toBe('editor')
    expect((await openLink(guest, viewer.token)).body.role).toBe('editor')
    expect((await invitations()).map(({ role, uses }) => [role, uses])).toEqual([['editor', 1], ['viewer', 1]])
  })

  it('of one use is for one of two who open it at once', async () => {
    const { token } = await createLink(owner, id, { maxUses: 1 })
    const answers = await Promise.all([openLink(guest, token), openLink(stranger, token)])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403])
    expect(answers.find(({ status }) => status === 403)?.body.code).toBe('BAD_LINK')
    expect(await invitations()).toEqual([])
  })

  it('ends when it expires, is taken back, or its project is deleted', async () => {
    const soon = await createLink(owner, id, { expiresAt: new Date(Date.now() + 700).toISOString() })
    await waitFor('the link to expire', async () => (await openLink(owner, soon.token)).body.code === 'BAD_LINK')
    const back = await createLink(owner, id)
    expect((await owner.call('DELETE', `/projects/${id}/invitations/${back.id}`)).status).toBe(204)
    expect((await openLink(guest, back.token)).body.code).toBe('BAD_LINK')
    const gone = await createLink(owner, id)
    await owner.remove(id)
    expect((await openLink(guest, gone.token)).body.code).toBe('BAD_LINK')
  })

  it.each([[{ maxUses: 0 }], [{ maxUses: 1.5 }], [{ role: 'owner' }], [{ email: 'a@example.org' }], [{ expiresAt: '2001-01-01T00:00:00Z' }]])('with %j is refused with 400', async (wrong) => {
    expect((await owner.call('POST', `/projects/${id}/invitations`, { role: 'viewer', ...wrong })).status).toBe(400)
  })

  it.each(['', 'x'.repeat(101), 7])('of the token %j is refused with 400, and one that never was with 403', async (token) => {
    expect((await guest.call('POST', '/invitations/accept', { token })).status).toBe(400)
    expect((await openLink(guest, 'x'.repeat(43))).body.code).toBe('BAD_LINK')
  })

  it('is one of fifty at most', async () => {
    await Promise.all(Array.from({ length: 50 }, async () => await createLink(owner, id)))
    expect(await owner.call('POST', `/projects/${id}/invitations`, { role: 'viewer' })).toMatchObject({ status: 429, body: { code: 'MEMBER_QUOTA' } })
    const page = (await owner.call<{ invitations: unknown[], nextCursor: string }>('GET', `/projects/${id}/invitations?limit=20`)).body
    expect([page.invitations.length, page.nextCursor]).toEqual([20, expect.any(String)])
  })
})

describe('a member', () => {
  it('sees the project among their own, with the role, until they leave', async () => {
    await join(owner, id, guest, 'viewer')
    const mine = await guest.createProject()
    const { projects } = (await guest.call<ProjectList>('GET', '/projects')).body
    expect(projects.filter((project) => [id, mine.id].includes(project.id)).map((project) => [project.id, project.role])).toEqual([[mine.id, 'owner'], [id, 'viewer']])
    expect((await guest.call('DELETE', `/projects/${id}/members/${guest.id}`)).status).toBe(204)
    expect(await guest.call('GET', `/projects/${id}`)).toMatchObject({ status: 404, body: { code: 'PROJECT_NOT_FOUND' } })
    expect((await guest.call<ProjectList>('GET', '/projects')).body.projects.map((project) => project.id)).not.toContain(id)
  })

  it('is changed and removed by the owner alone', async () => {
    await join(owner, id, guest, 'editor')
    await join(owner, id, stranger, 'viewer')
    expect((await guest.call('DELETE', `/projects/${id}/members/${stranger.id}`)).body.code).toBe('OWNER_ONLY')
    expect((await stranger.call('DELETE', `/projects/${id}/members/${guest.id}`)).body.code).toBe('OWNER_ONLY')
    expect((await guest.call('PATCH', `/projects/${id}/members/${guest.id}`, { role: 'viewer' })).body.code).toBe('OWNER_ONLY')
    expect((await owner.call('PATCH', `/projects/${id}/members/${guest.id}`, { role: 'viewer' })).body).toMatchObject({ member: { user: { id: guest.id }, role: 'viewer' } })
    expect(await roleOf(guest)).toBe('viewer')
    expect((await owner.call('DELETE', `/projects/${id}/members/${guest.id}`)).status).toBe(204)
    expect(await roleOf(guest)).toBeUndefined()
  })

  it('is nobody who is none: an unknown user, or the owner', async () => {
    for (const user of [NO_UUID, owner.id]) {
      expect((await owner.call('DELETE', `/projects/${id}/members/${user}`)).body.code).toBe('MEMBER_NOT_FOUND')
      expect((await owner.call('PATCH', `/projects/${id}/members/${user}`, { role: 'viewer' })).body.code).toBe('MEMBER_NOT_FOUND')
    }
    for (const [user, role] of [['me', 'viewer'], [NO_UUID, 'owner'], [NO_UUID, null]]) {
      expect((await owner.call('PATCH', `/projects/${id}/members/${user}`, { role })).status).toBe(400)
    }
  })

  it('forks what they work in as their own', async () => {
    await owner.call('PUT', `/projects/${id}/files/a.txt`)
    await join(owner, id, guest, 'editor')
    const fork = await guest.call('POST', `/projects/${id}/fork`, { name: 'fork' })
    expect(fork).toMatchObject({ status: 201, body: { name: 'fork', role: 'owner' } })
    expect((await guest.call('GET', `/projects/${String(fork.body.id)}/files/a.txt`)).status).toBe(200)
    expect((await owner.call('GET', `/projects/${String(fork.body.id)}`)).status).toBe(404)
    await guest.remove(String(fork.body.id))
  })

  it('and all that is done about them is in the audit log', async () => {
    const { body: { invitation } } = await invite(stranger.email)
    await join(owner, id, guest, 'viewer')
    await owner.call('PATCH', `/projects/${id}/members/${guest.id}`, { role: 'editor' })
    await guest.call('DELETE', `/projects/${id}/members/${guest.id}`)
    await owner.call('DELETE', `/projects/${id}/invitations/${invitation.id}`)
    const seen = await waitFor('the events', async () => {
      const { events } = await (await berth.get(`/api/audit?subject=${id}`)).json() as { events: AuditEvent[] }
      return events.length >= 8 ? events : undefined
    })
    expect(seen.map(({ action, userId }) => [action, userId])).toEqual([
      ['member.withdraw', owner.id], ['member.leave', guest.id], ['member.change', owner.id], ['member.withdraw', owner.id],
      ['member.join', guest.id], ['member.invite', owner.id], ['member.invite', owner.id], ['project.create', owner.id]
    ])
    expect(JSON.stringify(seen)).not.toContain('@')
  })
})
