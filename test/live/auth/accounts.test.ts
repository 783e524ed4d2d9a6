import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { User } from '../../../src/auth/accounts/schemas.ts'
import { authSessions, users } from '../../../src/db/schema/index.ts'
import { startBerth, type Berth } from '../support/berth.ts'
import { cookieOf, createClient, PASSWORD, signUp, withCookie, withKey } from '../support/client.ts'
import { noLanguages } from '../support/no-languages.ts'

const unlimited = { RATE_LIMIT_SIGNIN: 'off' }

describe.each<[string, Record<string, string>]>([
  ['on a PostgreSQL given by URL', {}],
  ['on the embedded PostgreSQL', { DATABASE_URL: '' }]
])('accounts, %s', (_where, env) => {
  let berth: Berth
  beforeAll(async () => { berth = await startBerth({ ...unlimited, ...env }, { catalogue: noLanguages }) })
  afterAll(async () => await berth.stop())
  const anybody = () => createClient(berth.origin)

  const setUp = async ({ origin, setupToken }: Berth, given: Record<string, unknown> = {}) =>
    await createClient(origin).call<{ user: User, code: string }>('POST', '/auth/setup', { token: setupToken, email: `${randomUUID()}@example.org`, password: PASSWORD, ...given })

  it('nobody who signs up becomes the user who was there', async () => {
    const before = (await withKey(berth.origin, berth.key).call<{ user: User }>('GET', '/auth/me')).body.user
    expect(before).toMatchObject({ email: null, role: 'admin' })
    const both = await Promise.all([signUp(berth.origin, { name: 'First' }), signUp(berth.origin)])
    expect(both.map(({ user }) => user.role)).toEqual(['user', 'user'])
    expect(both[0].user).toMatchObject({ name: 'First' })
    expect((await withKey(berth.origin, berth.key).call<{ user: User }>('GET', '/auth/me')).body.user).toEqual(before)
  })

  it.each(['', 'x', 'A'.repeat(43), 'A'.repeat(100)])('the setup token %j makes nobody an administrator', async (token) => {
    const { status, body } = await setUp(berth, { token })
    expect([status, body.code]).toEqual(token === '' ? [400, 'VALIDATION_FAILED'] : [403, 'BAD_SETUP_TOKEN'])
  })

  it('of several with the setup link one becomes the user who was there, with its key', async () => {
    const other = await startBerth({ ...unlimited, ...env, SIGNUP: 'closed' }, { catalogue: noLanguages })
    try {
      const before = (await withKey(other.origin, other.key).call<{ user: User }>('GET', '/auth/me')).body.user
      expect((await setUp(other, { password: 'passwordpassword' })).body.code).toBe('COMMON_PASSWORD')
      const answers = await Promise.all([1, 2, 3].map(async () => await setUp(other)))
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409])
      const winner = answers.find(({ status }) => status === 201)
      expect(winner?.body.user).toMatchObject({ id: before.id, role: 'admin' })
      expect((await withCookie(other.origin, cookieOf(winner?.headers ?? new Headers())).call<{ user: User }>('GET', '/auth/me')).body.user).toEqual(winner?.body.user)
      expect((await withKey(other.origin, other.key).call<{ user: User }>('GET', '/auth/me')).body.user).toEqual(winner?.body.user)
      expect((await setUp(other)).body.code).toBe('ALREADY_SET_UP')
      expect(await other.app.db.$count(users)).toBe(1)
    } finally {
      await other.stop()
    }
  })

  it('signs in with any spelling of the email, by a cookie that scripts in a page cannot read', async () => {
    const { email, user } = await signUp(berth.origin)
    const { status, headers, body } = await anybody().call<{ user: User }>('POST', '/auth/signin', { email: `  ${email.toUpperCase()} `, password: PASSWORD })
    expect([status, body.user]).toEqual([200, user])
    expect(headers.get('set-cookie')).toMatch(/^jwt=[\w-]+\.[\w-]+\.[\w-]+; Path=\/; Expires=.*; HttpOnly; SameSite=Strict$/)
    const me = await withCookie(berth.origin, cookieOf(headers)).call<{ user: User }>('GET', '/auth/me')
    expect(me.body.user).toEqual(user)
  })

  it('has a cookie for HTTPS only, unless it is asked on loopback', async () => {
    const { email } = await signUp(berth.origin)
    const elsewhere = { host: 'berth.example.org', origin: 'https://berth.example.org' }
    const signedIn = await berth.app.inject({ method: 'POST', url: '/auth/signin', headers: elsewhere, payload: { email, password: PASSWORD } })
    const cookie = String(signedIn.headers['set-cookie'])
    expect(cookie).toMatch(/^__Host-jwt=.*; Path=\/; .*; Secure/)
    expect(cookie).not.toMatch(/; Domain/i)
    // The name without a prefix could be another host's of the same domain, and the other one could come over plain HTTP.
    const me = async (headers: Record<string, string>, name: string) =>
      (await berth.app.inject({ url: '/auth/me', headers: { ...headers, cookie: `${name}=${cookie.split(/[=;]/)[1]}` } })).statusCode
    expect([await me(elsewhere, '__Host-jwt'), await me(elsewhere, 'jwt')]).toEqual([200, 401])
    expect([await me({}, '__Host-jwt'), await me({}, 'jwt')]).toEqual([401, 200])
  })

  it('tells a wrong password and an unknown email alike', async () => {
    const { email } = await signUp(berth.origin)
    const wrong = await anybody().call('POST', '/auth/signin', { email, password: 'not this one' })
    const unknown = await anybody().call('POST', '/auth/signin', { email: 'nobody@example.org', password: 'not this one' })
    expect([wrong.status, wrong.body.code]).toEqual([401, 'BAD_CREDENTIALS'])
    expect({ ...unknown.body, requestId: '' }).toEqual({ ...wrong.body, requestId: '' })
    expect(wrong.headers.get('set-cookie')).toBe(null)
  })

  it('takes as long for an unknown email as for a wrong password', async () => {
    const { email } = await signUp(berth.origin)
    const time = async (given: string): Promise<number> => {
      const start = performance.now()
      await anybody().call('POST', '/auth/signin', { email: given, password: 'not this one' })
      return performance.now() - start
    }
    const fastest = { known: Infinity, unknown: Infinity }
    for (let round = 0; round < 5; round++) {
      fastest.known = Math.min(fastest.known, await time(email))
      fastest.unknown = Math.min(fastest.unknown, await time(`${round}@example.org`))
    }
    // Without a password to compare, an answer would come within a millisecond or two.
    expect(fastest.unknown / fastest.known).toBeGreaterThan(0.5)
  })

  it('nobody can sign in as the first user before they have signed up', async () => {
    const other = await startBerth({ ...unlimited, ...env }, { catalogue: noLanguages })
    try {
      for (const email of ['null@example.org', '@', 'null']) {
        expect((await createClient(other.origin).call('POST', '/auth/signin', { email, password: 'null' })).status).toBeGreaterThanOrEqual(400)
      }
    } finally {
      await other.stop()
    }
  })

  it('an email is taken once, however it is spelt, also by two at once', async () => {
    const { email } = await signUp(berth.origin)
    const taken = await anybody().call('POST', '/auth/signup', { email: email.toUpperCase(), password: PASSWORD })
    expect([taken.status, taken.body.code]).toEqual([409, 'EMAIL_TAKEN'])
    const race = await Promise.all(['race@example.org', 'Race@example.org'].map(async (email) => await anybody().call('POST', '/auth/signup', { email, password: PASSWORD })))
    expect(race.map(({ status }) => status).sort()).toEqual([201, 409])
    expect(race.find(({ status }) => status === 409)?.body.code).toBe('EMAIL_TAKEN')
  })

  it('logout kills the token everywhere, and only that one', async () => {
    const one = await signUp(berth.origin)
    const two = withCookie(berth.origin, cookieOf((await anybody().call('POST', '/auth/signin', { email: one.email, password: PASSWORD })).headers))
    expect((await one.call('GET', '/auth/me')).status).toBe(200)
    const left = await one.call('POST', '/auth/logout')
    expect(left.status).toBe(204)
    expect(left.headers.get('set-cookie')).toMatch(/^jwt=;.*Expires=Thu, 01 Jan 1970/)
    expect((await one.call('GET', '/auth/me')).status).toBe(401)
    expect((await two.call('GET', '/auth/me')).status).toBe(200)
  })

  it('a session that has expired is dead, and so is one whose user is deleted', async () => {
    const expired = await signUp(berth.origin)
    await berth.app.db.update(authSessions).set({ expiresAt: new Date(Date.now() - 1) }).where(eq(authSessions.userId, expired.user.id))
    expect((await expired.call('GET', '/auth/me')).status).toBe(401)
    const deleted = await signUp(berth.origin)
    await berth.app.db.delete(users).where(eq(users.id, deleted.user.id))
    expect((await deleted.call('GET', '/auth/me')).status).toBe(401)
  })

  it.each<[string, Record<string, unknown>, string, string?]>([
    ['a short password', { password: 'short' }, 'VALIDATION_FAILED', 'password'],
    ['a password of 201 characters', { password: 'x1'.repeat(100) + 'y' }, 'VALIDATION_FAILED', 'password'],
    ['a common password', { password: 'Password123!' }, 'COMMON_PASSWORD'],
    ['no email', { email: undefined }, 'VALIDATION_FAILED', 'email'],
    ['an email that is none', { email: 'nowhere' }, 'VALIDATION_FAILED', 'email'],
    ['an email of another type', { email: { $ne: null } }, 'VALIDATION_FAILED', 'email'],
    ['an email of 1 MB', { email: `${'a'.repeat(1_000_000)}@example.org` }, 'VALIDATION_FAILED', 'email'],
    ['a name of 1 MB', { name: 'n'.repeat(1_000_000) }, 'VALIDATION_FAILED', 'name'],
    ['a name with a line break', { name: 'a\r\nSet-Cookie: x=1' }, 'VALIDATION_FAILED', 'name'],
    ['a NUL in the name', { name: 'a\0' }, 'VALIDATION_FAILED', 'name'],
    ['a role', { role: 'admin' }, 'VALIDATION_FAILED', 'role']
  ])('%s is refused and nobody is made', async (_name, wrong, code, field) => {
    const count = await berth.app.db.$count(users)
    const { status, body } = await anybody().call('POST', '/auth/signup', { email: 'wrong@example.org', password: PASSWORD, ...wrong })
    expect([status, body.code]).toEqual([400, code])
    if (field !== undefined) expect(body.details?.map(({ field }) => field)).toContain(field)
    expect(await berth.app.db.$count(users)).toBe(count)
  })

  it('keeps SQL in a name as text', async () => {
    const name = "Robert'); drop table users; --"
    expect((await signUp(berth.origin, { name })).user.name).toBe(name)
    expect((await signUp(berth.origin, { email: "o'brien--@example.org" })).user.email).toBe("o'brien--@example.org")
  })

  it('takes no new account when sign-up is closed', async () => {
    const other = await startBerth({ SIGNUP: 'closed', ...env }, { catalogue: noLanguages })
    try {
      const refused = await createClient(other.origin).call('POST', '/auth/signup', { email: 'late@example.org', password: PASSWORD })
      expect([refused.status, refused.body.code]).toEqual([403, 'SIGNUP_CLOSED'])
    } finally {
      await other.stop()
    }
  })
})
