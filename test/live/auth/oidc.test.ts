import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { User } from '../../../src/auth/accounts/schemas.ts'
import { authSessions, userIdentities, users } from '../../../src/db/schema/index.ts'
import { passProvider, startOidcProvider, type OidcProvider } from '../../support/oidc-provider.ts'
import { freePort } from '../../support/server-process.ts'
import type { Variables } from '../../support/variables.ts'
import { startBerth, type Berth, type ErrorBody } from '../support/berth.ts'
import { createClient, PASSWORD, signUp, withCookie, withKey, type Client } from '../support/client.ts'
import { noLanguages } from '../support/no-languages.ts'

let there: OidcProvider
let port: number
beforeAll(async () => {
  port = await freePort()
  there = await startOidcProvider(`http://localhost:${port}/auth/oidc/callback`)
})
afterAll(async () => await there.stop())

const start = async (env: Variables = {}): Promise<Berth> =>
  await startBerth({ PORT: String(port), RATE_LIMIT_SIGNIN: 'off', ...there.env, ...env }, { catalogue: noLanguages })

interface Answer {
  readonly status: number
  readonly location: string | null
  readonly cookies: string[]
  readonly text: string
  readonly code: string | undefined
}

/** Asks as a script does, or as a browser does that goes to a page. */
async function get (url: string, { cookie = '', accept = '*/*' } = {}): Promise<Answer> {
  const response = await fetch(url, { redirect: 'manual', headers: { Cookie: cookie, Accept: accept } })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json') === true
  return { status: response.status, location: response.headers.get('location'), cookies: response.headers.getSetCookie(), text, code: isJson ? (JSON.parse(text) as ErrorBody).code : undefined }
}
const first = (cookies: readonly string[], name: string): string => cookies.find((cookie) => cookie.startsWith(`${name}=`))?.split(';')[0] ?? ''

/** Goes to the provider and back, as somebody whom it knows. */
async function come (berth: Berth, person: string, next = '/'): Promise<Answer & { readonly me: Client, readonly callback: URL, readonly attempt: string }> {
  const begun = await get(`${berth.origin}/auth/oidc?next=${encodeURIComponent(next)}`)
  const attempt = first(begun.cookies, 'oidc')
  const callback = await passProvider(String(begun.location), person)
  const answer = await get(berth.origin + callback.pathname + callback.search, { cookie: attempt })
  return { ...answer, me: withCookie(berth.origin, first(answer.cookies, 'jwt')), callback, attempt }
}
const who = async (client: Client): Promise<User> => (await client.call<{ user: User }>('GET', '/auth/me')).body.user

describe('sign-in by a provider', () => {
  let berth: Berth
  let admin: Client
  beforeAll(async () => {
    berth = await start()
    admin = withKey(berth.origin, berth.key)
  })
  afterAll(async () => await berth.stop())

  it('is offered, makes an account the first time, and is the same one ever after', async () => {
    expect((await createClient(berth.origin).call('GET', '/auth/methods')).body).toEqual({ signUp: 'open', hasAdministrator: false, passwordMail: false, oidc: { name: 'Example', url: `http://localhost:${port}/auth/oidc` } })
    const person = there.add({ email: 'Grace@Example.org', name: 'Grace' })
    const once = await come(berth, person, '/files.html?project=x#y')
    expect([once.status, once.location]).toEqual([303, '/files.html?project=x#y'])
    expect(once.cookies.find((cookie) => cookie.startsWith('jwt='))).toMatch(/; HttpOnly; SameSite=Strict$/)
    const user = await who(once.me)
    expect(user).toMatchObject({ email: 'grace@example.org', name: 'Grace', role: 'user' })
    there.change(person, { email: 'hopper@example.org' })
    expect((await who((await come(berth, person)).me)).id).toBe(user.id)
  })

  it('keeps what belongs to it where no script sees it, and only as long as it takes', async () => {
    const { cookies, location } = await get(`${berth.origin}/auth/oidc`)
    expect(cookies[0]).toMatch(/^oidc=[\w-]+; Path=\/; Expires=.*; HttpOnly; SameSite=Lax$/)
    const { searchParams } = new URL(String(location))
    for (const name of ['state', 'nonce']) expect(Buffer.from(first(cookies, 'oidc').slice(5), 'base64url').includes(searchParams.get(name) ?? 'none')).toBe(false)
    const { cookies: [cleared] } = await get(`${berth.origin}/auth/oidc/callback?state=x&code=y`, { cookie: first(cookies, 'oidc') })
    expect(cleared).toMatch(/^oidc=;.*Expires=Thu, 01 Jan 1970/)
  })

  it.each(['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)', '/a b', ''])('leads to the start page where it was begun with %j', async (next) => {
    expect((await come(berth, there.add(), next)).location).toBe('/')
  })

  it('is nothing for another browser, for one that has ended it, and for the same answer again', async () => {
    const { callback, attempt, status } = await come(berth, there.add())
    expect(status).toBe(303)
    const again = berth.origin + callback.pathname + callback.search
    for (const cookie of ['', 'oidc=x', attempt.slice(0, -2), first((await get(`${berth.origin}/auth/oidc`)).cookies, 'oidc'), attempt]) {
      expect(await get(again, { cookie })).toMatchObject({ status: 403, code: 'OIDC_EXPIRED' })
    }
  })

  it('tells a browser in a page what is wrong, and a script in JSON', async () => {
    const page = await get(`${berth.origin}/auth/oidc/callback?state=x`, { accept: 'text/html,*/*' })
    expect([page.status, page.code]).toEqual([403, undefined])
    expect(page.text).toMatch(/You are not signed in.*Begin again.*href="\/"/s)
    expect((await get(`${berth.origin}/auth/oidc?next=${'x'.repeat(2_000)}`)).code).toBe('VALIDATION_FAILED')
    expect((await get(`${berth.origin}/auth/oidc?state=x`)).code).toBe('VALIDATION_FAILED')
    expect((await get(`${berth.origin}/auth/oidc/callback?code=${'x'.repeat(9_000)}`)).code).toBe('VALIDATION_FAILED')
  })

  it('gives nobody an account by an email that is not shown to be theirs', async () => {
    for (const claims of [{ email_verified: false }, { email_verified: 'true' }, { email: 'no email', email_verified: true }, { email: undefined }]) {
      expect((await come(berth, there.add(claims as never))).code).toBe('OIDC_EMAIL_UNVERIFIED')
    }
  })

  it('is no way into a disabled account', async () => {
    const person = there.add()
    const { id } = await who((await come(berth, person)).me)
    await admin.call('PATCH', `/api/users/${id}`, { disabled: true })
    const refused = await come(berth, person)
    expect([refused.code, first(refused.cookies, 'jwt')]).toEqual(['ACCOUNT_DISABLED', ''])
    expect(await berth.app.db.$count(authSessions, eq(authSessions.userId, id))).toBe(0)
  })

  it('makes one account for somebody who comes twice at once', async () => {
    const person = there.add()
    const both = await Promise.all([come(berth, person), come(berth, person)])
    const ids = await Promise.all(both.map(async ({ me }) => (await who(me)).id))
    expect(ids[0]).toBe(ids[1])
  })

  it('makes nobody the administrator who is still to be made', async () => {
    expect((await who(admin)).email).toBeNull()
    expect((await who((await come(berth, there.add())).me)).role).toBe('user')
  })
})

describe('an account that has the email, and a password', () => {
  let berth: Berth
  beforeAll(async () => { berth = await start({ SIGNUP: 'open', OIDC_SIGNUP: 'closed' }) })
  afterAll(async () => await berth.stop())

  const connect = async (cookie: string, body: unknown) => {
    const { status, headers, body: { code } } = await createClient(berth.origin, { Cookie: cookie }).call('POST', '/auth/oidc/connect', body)
    return { status, code, me: withCookie(berth.origin, first(headers.getSetCookie(), 'jwt')) }
  }

  it('is not taken over: its password is asked for, once', async () => {
    const user = await signUp(berth.origin)
    const person = there.add({ email: user.email.toUpperCase() })
    const come1 = await come(berth, person)
    expect([come1.status, come1.location, first(come1.cookies, 'jwt')]).toEqual([303, '/connect', ''])
    expect(come1.cookies.find((cookie) => cookie.startsWith('oidc-connect='))).toMatch(/; HttpOnly; SameSite=Strict$/)
    const cookie = first(come1.cookies, 'oidc-connect')
    for (const [body, code] of [[{ password: 'not this one' }, 'WRONG_PASSWORD'], [{}, 'VALIDATION_FAILED'], [{ password: PASSWORD, email: user.email }, 'VALIDATION_FAILED']] as const) {
      expect((await connect(cookie, body)).code).toBe(code)
    }
    expect(await berth.app.db.$count(userIdentities, eq(userIdentities.userId, user.user.id))).toBe(0)
    const connected = await connect(cookie, { password: PASSWORD })
    expect([connected.status, (await who(connected.me)).id]).toEqual([200, user.user.id])
    expect((await connect(cookie, { password: PASSWORD })).code).toBe('OIDC_EXPIRED')
    expect((await who((await come(berth, person)).me)).id).toBe(user.user.id)
    expect((await user.call('GET', '/auth/me')).status).toBe(200)
  })

  it('is connected to nobody by a cookie that is not ours, or is for something else', async () => {
    const begun = await get(`${berth.origin}/auth/oidc`)
    for (const cookie of ['', 'oidc-connect=x', `oidc-connect=${first(begun.cookies, 'oidc').slice(5)}`]) {
      expect(await connect(cookie, { password: PASSWORD })).toMatchObject({ status: 403, code: 'OIDC_EXPIRED' })
    }
  })

  it('is not connected once it is disabled', async () => {
    const user = await signUp(berth.origin)
    const cookie = first((await come(berth, there.add({ email: user.email }))).cookies, 'oidc-connect')
    await withKey(berth.origin, berth.key).call('PATCH', `/api/users/${user.user.id}`, { disabled: true })
    expect((await connect(cookie, { password: PASSWORD })).code).toBe('ACCOUNT_DISABLED')
  })

  it('is only guessed at a few times', async () => {
    await berth.stop()
    berth = await start({ RATE_LIMIT_SIGNIN: '100/5m', OIDC_SIGNUP: 'closed' })
    const user = await signUp(berth.origin)
    const cookie = first((await come(berth, there.add({ email: user.email }))).cookies, 'oidc-connect')
    const codes: string[] = []
    for (let n = 0; n < 12; n++) codes.push((await connect(cookie, { password: `guess ${n} of many` })).code)
    expect([codes[9], codes[10]]).toEqual(['WRONG_PASSWORD', 'RATE_LIMITED'])
  })

  it('is needed where nobody gets one by the provider, but for who was invited', async () => {
    const email = 'invited@example.org'
    const person = there.add({ email })
    expect((await come(berth, person)).code).toBe('OIDC_NO_ACCOUNT')
    const admin = withKey(berth.origin, berth.key)
    await admin.call('POST', '/api/users/invitations', { email, role: 'admin' })
    expect(await who((await come(berth, person)).me)).toMatchObject({ email, role: 'admin' })
    expect((await admin.call('GET', '/api/users/invitations')).body).toEqual({ invitations: [], nextCursor: null })
  })
})

describe('an account without a password', () => {
  let berth: Berth
  beforeAll(async () => { berth = await start() })
  afterAll(async () => await berth.stop())

  const age = async (id: string): Promise<unknown> => await berth.app.db.update(authSessions).set({ createdAt: new Date(Date.now() - 11 * 60_000) }).where(eq(authSessions.userId, id))

  it('is entered by no password, gets one from who has just signed in, and then needs it', async () => {
    const { me } = await come(berth, there.add())
    const { email, id } = await who(me)
    for (const password of ['', 'x', 'null']) expect((await createClient(berth.origin).call('POST', '/auth/signin', { email, password })).status).toBeGreaterThanOrEqual(400)
    expect((await me.call('POST', '/auth/password', { current: 'anything', password: PASSWORD })).body.code).toBe('WRONG_PASSWORD')
    const { body: { key } } = await me.call<{ key: string }>('POST', '/auth/keys', { name: 'k' })
    expect((await withKey(berth.origin, key).call('POST', '/auth/password', { password: PASSWORD })).body.code).toBe('SIGN_IN_AGAIN')
    await age(id)
    expect((await me.call('POST', '/auth/password', { password: PASSWORD })).body.code).toBe('SIGN_IN_AGAIN')
    const person = there.add({ email: 'fresh@example.org' })
    const fresh = (await come(berth, person)).me
    expect((await fresh.call('POST', '/auth/password', { password: PASSWORD })).status).toBe(204)
    expect((await fresh.call('POST', '/auth/password', { password: 'granite umbrella at dawn' })).body.code).toBe('WRONG_PASSWORD')
    expect((await createClient(berth.origin).call('POST', '/auth/signin', { email: 'fresh@example.org', password: PASSWORD })).status).toBe(200)
  })

  it('is deleted by who has just signed in', async () => {
    const person = there.add()
    const { me } = await come(berth, person)
    const { id } = await who(me)
    await age(id)
    expect((await me.call('DELETE', '/auth/me', {})).body.code).toBe('SIGN_IN_AGAIN')
    expect((await (await come(berth, person)).me.call('DELETE', '/auth/me', {})).status).toBe(204)
    expect(await berth.app.db.$count(userIdentities, eq(userIdentities.subject, person))).toBe(0)
    expect((await who((await come(berth, person)).me)).id).not.toBe(id)
  })

  it('keeps the last way into it, and lists them all', async () => {
    const person = there.add()
    const { me } = await come(berth, person)
    const list = async (client = me) => (await client.call<{ identities: Array<{ id: string, issuer: string, subject: string }> }>('GET', '/auth/identities')).body.identities
    const remove = async (id: string, client = me) => await client.call('DELETE', `/auth/identities/${id}`)
    const [identity] = await list()
    expect(identity).toMatchObject({ issuer: there.issuer, subject: person })
    const id = String(identity?.id)
    const other = (await come(berth, there.add())).me
    expect((await remove(id, other)).body.code).toBe('IDENTITY_NOT_FOUND')
    expect((await remove(id)).body.code).toBe('LAST_SIGN_IN')
    const { id: userId, email } = await who(me)
    const [second] = await berth.app.db.insert(userIdentities).values({ userId, issuer: 'https://before.example', subject: person }).returning()
    const both = await Promise.all([remove(id), remove(String(second?.id))])
    expect(both.map(({ status }) => status).sort()).toEqual([204, 409])
    await me.call('POST', '/auth/password', { password: PASSWORD })
    const [left] = await list()
    expect((await remove(String(left?.id))).status).toBe(204)
    expect([await list(), (await remove(id)).body.code, (await remove('x')).body.code]).toEqual([[], 'IDENTITY_NOT_FOUND', 'VALIDATION_FAILED'])
    expect((await come(berth, person)).location).toBe('/connect')
    expect((await createClient(berth.origin).call('POST', '/auth/signin', { email, password: PASSWORD })).status).toBe(200)
  })

  it('goes along with its email to another provider, and not to another person of the same', async () => {
    const { id, email } = await who((await come(berth, there.add())).me)
    expect((await come(berth, there.add({ email: String(email) }))).code).toBe('OIDC_EMAIL_TAKEN')
    await berth.app.db.update(userIdentities).set({ issuer: 'https://before.example' }).where(eq(userIdentities.userId, id))
    expect((await who((await come(berth, there.add({ email: String(email) }))).me)).id).toBe(id)
  })
})

describe('the provider\'s groups and domains', () => {
  it('make administrators and no more, and end their keys\' rights with them', async () => {
    const berth = await start({ OIDC_ADMIN_GROUP: 'ops' })
    try {
      const person = there.add({ groups: ['ops'] })
      const { me } = await come(berth, person)
      const key = withKey(berth.origin, (await me.call<{ key: string }>('POST', '/auth/keys', { name: 'k' })).body.key)
      const sees = async (client: Client) => (await client.call('GET', '/api/users')).status
      expect([await sees(me), await sees(key)]).toEqual([200, 200])
      there.change(person, { groups: [] })
      const after = (await come(berth, person)).me
      expect([await sees(after), await sees(key), (await me.call('GET', '/auth/me')).status]).toEqual([403, 403, 401])
      there.change(person, { groups: ['ops'] })
      expect(await sees((await come(berth, person)).me)).toBe(200)
    } finally {
      await berth.stop()
    }
  })

  it('leave the last administrator, who is let in all the same', async () => {
    const berth = await start({ OIDC_ADMIN_GROUP: 'ops' })
    try {
      const person = there.add({ groups: ['ops'] })
      const { id } = await who((await come(berth, person)).me)
      // The first user is an administrator without an email.
      await berth.app.db.delete(users).where(eq(users.email, 'nobody@example.org'))
      const { body: { user } } = await withKey(berth.origin, berth.key).call<{ user: User }>('GET', '/auth/me')
      await berth.app.db.update(users).set({ role: 'user' }).where(eq(users.id, user.id))
      there.change(person, { groups: [] })
      expect(await who((await come(berth, person)).me)).toMatchObject({ id, role: 'admin' })
    } finally {
      await berth.stop()
    }
  })

  it('keep out who is of another domain', async () => {
    const berth = await start({ OIDC_ALLOWED_DOMAINS: 'school.example, College.example', SIGNUP: 'closed' })
    try {
      expect((await come(berth, there.add())).code).toBe('OIDC_DOMAIN')
      expect((await come(berth, there.add({ email: 'a@college.example', email_verified: false }))).code).toBe('OIDC_DOMAIN')
      const person = there.add({ email: 'a@college.example' })
      expect((await who((await come(berth, person)).me)).email).toBe('a@college.example')
      there.change(person, { email: 'a@elsewhere.example' })
      expect((await come(berth, person)).code).toBe('OIDC_DOMAIN')
    } finally {
      await berth.stop()
    }
  })
})

describe('a provider that is away', () => {
  it('keeps no server from starting, and is said to be away', async () => {
    const away = await startOidcProvider('http://localhost/auth/oidc/callback')
    await away.stop()
    const berth = await start({ OIDC_ISSUER: away.issuer })
    try {
      const answer = await fetch(`${berth.origin}/auth/oidc`, { redirect: 'manual' })
      expect([answer.status, answer.headers.get('retry-after'), ((await answer.json()) as ErrorBody).code]).toEqual([503, '2', 'OIDC_UNAVAILABLE'])
      expect((await get(`${berth.origin}/auth/oidc`, { accept: 'text/html' })).text).toContain('does not answer')
      expect((await signUp(berth.origin)).user.role).toBe('user')
    } finally {
      await berth.stop()
    }
  })

  it('is none where none is configured', async () => {
    const berth = await startBerth({ RATE_LIMIT_SIGNIN: '3/5m' }, { catalogue: noLanguages })
    try {
      expect((await get(`${berth.origin}/auth/oidc`)).code).toBe('OIDC_OFF')
      expect((await get(`${berth.origin}/auth/oidc/callback?state=x`)).code).toBe('OIDC_EXPIRED')
      expect((await createClient(berth.origin).call('POST', '/auth/oidc/connect', { password: PASSWORD })).body.code).toBe('OIDC_OFF')
      expect((await createClient(berth.origin).call('GET', '/auth/methods')).body).toEqual({ signUp: 'open', hasAdministrator: false, passwordMail: false, oidc: null })
      for (let n = 0; n < 2; n++) expect((await get(`${berth.origin}/auth/oidc/callback`)).code).toBe('OIDC_EXPIRED')
      for (let n = 0; n < 2; n++) expect((await get(`${berth.origin}/auth/oidc/callback`)).code).toBe('RATE_LIMITED')
    } finally {
      await berth.stop()
    }
  })
})
