import { and, eq, isNull } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { User } from '../../../src/auth/accounts/schemas.ts'
import type { KnownUser, ShownInvitation } from '../../../src/auth/users/schemas.ts'
import { users } from '../../../src/db/schema/index.ts'
import { openTerminal } from '../../support/terminal-client.ts'
import { startProjectsBerth, type Berth } from '../projects/berth.ts'
import { userWithKey } from '../projects/user.ts'
import { startBerth } from '../support/berth.ts'
import { cookieOf, createClient, PASSWORD, signUp, withCookie, withKey, type Client } from '../support/client.ts'
import { noLanguages } from '../support/no-languages.ts'

type Invitation = ShownInvitation & { link: string, code: string }
interface UserPage { users: KnownUser[], nextCursor: string | null }

let berth: Berth
let admin: Client
beforeAll(async () => {
  berth = await startProjectsBerth({ RATE_LIMIT_SIGNIN: 'off' })
  admin = withKey(berth.origin, berth.key)
})
afterAll(async () => await berth.stop())

const me = async (client: Client): Promise<number> => (await client.call('GET', '/auth/me')).status
const change = async (id: string, body: unknown, by = admin) => await by.call<{ user: KnownUser, code: string }>('PATCH', `/api/users/${id}`, body)
const withNewKey = async (user: Client): Promise<string> => (await user.call<{ key: string }>('POST', '/auth/keys', { name: 'k' })).body.key

/** A project that runs, with a terminal open. */
async function startProject (key: string) {
  const owner = userWithKey(berth.origin, key)
  const { id } = await owner.createProject()
  const terminal = openTerminal(`${berth.origin}/terminal/${id}`, { headers: { 'X-API-Key': key } })
  await terminal.hello()
  return { id, terminal, call: owner.call }
}
const engineOf = async (id: string) => {
  const { containers, volumes } = berth.app.docker
  const label = [`berth.project=${id}`]
  return [(await containers.list({ all: true, filters: { label } })).length, (await volumes.list({ label })).length]
}

describe('users', () => {
  it('are found by email and name, the newest first, a page at a time', async () => {
    const made = [await signUp(berth.origin, { name: '50% Ada_L' }), await signUp(berth.origin, { name: '50 Ada L' })]
    const list = async (query: string) => (await admin.call<UserPage>('GET', `/api/users?${query}`)).body
    expect((await list(`search=${encodeURIComponent('50% ada_')}`)).users.map(({ id }) => id)).toEqual([made[0]?.user.id])
    expect((await list(`search=${made[1]?.email.slice(2, 20).toUpperCase()}`)).users.map(({ id }) => id)).toEqual([made[1]?.user.id])
    const first = await list('limit=1')
    expect(first.users).toEqual([{ ...made[1]?.user, disabledAt: null, limits: { projects: null, projectsRunning: null, snapshotBytes: null } }])
    expect((await list(`limit=1&cursor=${first.nextCursor}`)).users.map(({ id }) => id)).toEqual([made[0]?.user.id])
    expect((await admin.call<{ user: KnownUser }>('GET', `/api/users/${made[0]?.user.id}`)).body.user.name).toBe('50% Ada_L')
    for (const query of ['search=', 'search=%00', 'limit=0', 'role=admin']) expect(await admin.call('GET', `/api/users?${query}`)).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } })
    for (const cursor of ['x', Buffer.from('99999999999999.00000000-0000-4000-8000-000000000000').toString('base64url')]) expect((await admin.call('GET', `/api/users?cursor=${cursor}`)).body.code).toBe('BAD_REQUEST')
  })

  it('who are disabled are out at once, sockets included, and what they run is stopped; enabled, they have what they had', async () => {
    const user = await signUp(berth.origin)
    const key = await withNewKey(user)
    const { id, terminal } = await startProject(key)
    expect((await change(user.user.id, { disabled: true })).body.user.disabledAt).toEqual(expect.any(String))
    expect([1008, 4401]).toContain((await terminal.closed).code)
    expect([await me(user), await me(withKey(berth.origin, key))]).toEqual([401, 401])
    expect(await createClient(berth.origin).call('POST', '/auth/signin', { email: user.email, password: PASSWORD })).toMatchObject({ status: 403, body: { code: 'ACCOUNT_DISABLED' } })
    expect(await engineOf(id)).toEqual([0, 1])
    expect((await change(user.user.id, { disabled: false })).body.user.disabledAt).toBeNull()
    expect(await me(withKey(berth.origin, key))).toBe(200)
    await userWithKey(berth.origin, key).remove(id)
  })

  it('who are disabled do not get in by a link either', async () => {
    const user = await signUp(berth.origin)
    const { body: { link } } = await admin.call<{ link: string }>('POST', `/api/users/${user.user.id}/reset-link`)
    await change(user.user.id, { disabled: true })
    expect((await createClient(berth.origin).call('POST', '/auth/password/reset', { token: link.split('#')[1], password: PASSWORD })).body.code).toBe('BAD_LINK')
    const { body: newer } = await admin.call<{ link: string }>('POST', `/api/users/${user.user.id}/reset-link`)
    expect((await createClient(berth.origin).call('POST', '/auth/password/reset', { token: newer.link.split('#')[1], password: PASSWORD })).body.code).toBe('ACCOUNT_DISABLED')
  })

  it('become administrators and are none any more, with the keys that they had', async () => {
    const user = await signUp(berth.origin)
    const key = withKey(berth.origin, await withNewKey(user))
    const sees = async () => (await key.call('GET', '/api/users')).status
    expect(await sees()).toBe(403)
    expect((await change(user.user.id, { role: 'admin' })).body.user.role).toBe('admin')
    expect(await sees()).toBe(200)
    await change(user.user.id, { role: 'user' })
    expect(await sees()).toBe(403)
  })

  it('who are deleted leave nothing on the Engine', async () => {
    const user = await signUp(berth.origin)
    const key = await withNewKey(user)
    const { id, terminal } = await startProject(key)
    expect((await admin.call('DELETE', `/api/users/${user.user.id}`)).status).toBe(204)
    expect((await terminal.closed).code).not.toBe(1006)
    expect(await engineOf(id)).toEqual([0, 0])
    expect((await admin.call('GET', `/api/users/${user.user.id}`)).body.code).toBe('USER_NOT_FOUND')
    expect([await me(user), await me(withKey(berth.origin, key))]).toEqual([401, 401])
  })

  it('who delete themselves leave nothing on the Engine either', async () => {
    const user = await signUp(berth.origin)
    const { id } = await startProject(await withNewKey(user))
    expect((await user.call('DELETE', '/auth/me', { password: PASSWORD })).status).toBe(204)
    expect(await engineOf(id)).toEqual([0, 0])
  })

  it('are changed by nothing that is not theirs', async () => {
    const { user: { id } } = await signUp(berth.origin)
    for (const body of [{}, { role: 'owner' }, { disabled: 'yes' }, { email: 'other@example.org' }, { passwordHash: 'x' }, { id: 'x' }]) {
      expect((await change(id, body)).body.code).toBe('VALIDATION_FAILED')
    }
    expect((await change('no-uuid', { role: 'user' })).body.code).toBe('VALIDATION_FAILED')
    expect((await change('00000000-0000-4000-8000-000000000000', { role: 'user' })).body.code).toBe('USER_NOT_FOUND')
  })
})

describe('projects of others', () => {
  it('are listed, stopped and deleted by administrators', async () => {
    const user = await signUp(berth.origin)
    const { id, terminal } = await startProject(await withNewKey(user))
    const list = async (query: string) => (await admin.call<{ projects: Array<{ id: string, status: string, owner: object }> }>('GET', `/api/projects?${query}`)).body.projects
    expect(await list(`owner=${user.user.id}&status=running`)).toMatchObject([{ id, owner: { id: user.user.id, email: user.email } }])
    expect((await list('limit=1')).map((project) => project.id)).toEqual([id])
    expect((await admin.call('POST', `/api/projects/${id}/stop`)).status).toBe(204)
    expect((await terminal.closed).code).not.toBe(1006)
    expect([await engineOf(id), (await list(`owner=${user.user.id}&status=running`)).length, (await list(`owner=${user.user.id}`))[0]?.status]).toEqual([[0, 1], 0, 'stopped'])
    expect((await admin.call('DELETE', `/api/projects/${id}`)).status).toBe(204)
    expect(await engineOf(id)).toEqual([0, 0])
    for (const [method, path] of [['POST', '/stop'], ['DELETE', '']]) expect((await admin.call(method ?? '', `/api/projects/${id}${path}`)).body.code).toBe('PROJECT_NOT_FOUND')
  })
})

describe('the last administrator', () => {
  it('stays, also when two take each other\'s place away at once', async () => {
    const other = await startBerth({ RATE_LIMIT_SIGNIN: 'off' }, { catalogue: noLanguages })
    try {
      const first = withKey(other.origin, other.key)
      const { body: { user: { id } } } = await first.call<{ user: User }>('GET', '/auth/me')
      for (const body of [{ role: 'user' }, { role: 'teacher' }, { disabled: true }]) expect((await change(id, body, first)).body.code).toBe('LAST_ADMIN')
      expect((await first.call('DELETE', `/api/users/${id}`)).body.code).toBe('LAST_ADMIN')
      expect((await first.call('POST', `/api/users/${id}/reset-link`)).body.code).toBe('BAD_REQUEST')
      const second = await signUp(other.origin)
      await change(second.user.id, { role: 'admin' }, first)
      const { headers } = await createClient(other.origin).call('POST', '/auth/signin', { email: second.email, password: PASSWORD })
      const answers = await Promise.all([change(second.user.id, { disabled: true }, first), change(id, { disabled: true }, withCookie(other.origin, cookieOf(headers)))])
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
      expect(await other.app.db.$count(users, and(eq(users.role, 'admin'), isNull(users.disabledAt)))).toBe(1)
    } finally {
      await other.stop()
    }
  })
})

describe('an invitation', () => {
  let closed: Berth
  let host: Client
  beforeAll(async () => {
    closed = await startBerth({ RATE_LIMIT_SIGNIN: 'off', SIGNUP: 'closed' }, { catalogue: noLanguages })
    host = withKey(closed.origin, closed.key)
  })
  afterAll(async () => await closed.stop())

  const invite = async (body: unknown = {}) => (await host.call<Invitation>('POST', '/api/users/invitations', body)).body
  const join = async ({ link }: { link: string }, email: string) =>
    await createClient(closed.origin).call<{ user: User, code: string }>('POST', '/auth/signup', { email, password: PASSWORD, invitation: link.split('#')[1] })

  it('makes one account where signing up is closed, with the role that it says', async () => {
    const invitation = await invite({ role: 'admin' })
    expect(invitation.link).toMatch(new RegExp(`^${closed.origin}/join#[\\w-]{43}$`))
    const answers = await Promise.all(['one', 'two', 'three'].map(async (name) => await join(invitation, `${name}@example.org`)))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 403, 403])
    const { headers, body } = answers.find(({ status }) => status === 201) ?? { headers: new Headers(), body: undefined }
    expect(body?.user.role).toBe('admin')
    expect((await withCookie(closed.origin, cookieOf(headers)).call('GET', '/api/users')).status).toBe(200)
    expect((await createClient(closed.origin).call('POST', '/auth/signup', { email: 'four@example.org', password: PASSWORD })).body.code).toBe('SIGNUP_CLOSED')
  })

  it('for somebody is for nobody else, and is not used up by whoever tries', async () => {
    const invitation = await invite({ email: ' Grace@Example.org ' })
    expect((await join(invitation, 'eve@example.org')).body.code).toBe('BAD_LINK')
    expect((await join(invitation, 'grace@example.org')).body.user).toMatchObject({ email: 'grace@example.org', role: 'user' })
    expect((await invite({ email: 'grace@example.org' })).code).toBe('EMAIL_TAKEN')
  })

  it.each(['x', 'A'.repeat(43)])('that is none, such as %s, tells nothing of who has an account', async (token) => {
    await join(await invite(), 'somebody@example.org')
    for (const email of ['somebody@example.org', 'nobody@example.org']) expect((await join({ link: `#${token}` }, email)).body.code).toBe('BAD_LINK')
  })

  it('is listed until it is used, and taken back', async () => {
    const { id, link } = await invite({ email: 'later@example.org' })
    const { body } = await host.call<{ invitations: ShownInvitation[] }>('GET', '/api/users/invitations')
    expect(body.invitations.find((one) => one.id === id)).toMatchObject({ email: 'later@example.org', role: 'user' })
    expect(JSON.stringify(body)).not.toContain(link.split('#')[1])
    expect((await host.call('DELETE', `/api/users/invitations/${id}`)).status).toBe(204)
    expect((await join({ link }, 'later@example.org')).body.code).toBe('BAD_LINK')
    expect((await host.call('DELETE', `/api/users/invitations/${id}`)).body.code).toBe('INVITATION_NOT_FOUND')
  })

  it.each([{ email: 'nobody' }, { role: 'owner' }, { expiresAt: '2030-01-01T00:00:00Z' }])('is not made of %j', async (body) => {
    expect((await invite(body)).code).toBe('VALIDATION_FAILED')
  })
})
