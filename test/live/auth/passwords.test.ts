import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Browser, User } from '../../../src/auth/accounts/schemas.ts'
import { startBerth, type Berth } from '../support/berth.ts'
import { cookieOf, createClient, PASSWORD, signUp, withCookie, withKey, type Client } from '../support/client.ts'
import { noLanguages } from '../support/no-languages.ts'

const OTHER = 'granite umbrella at dawn'

let berth: Berth
let admin: Client
beforeAll(async () => {
  berth = await startBerth({ RATE_LIMIT_SIGNIN: 'off' }, { catalogue: noLanguages })
  admin = withKey(berth.origin, berth.key)
})
afterAll(async () => await berth.stop())

const signIn = async (email: string, password: string, userAgent = 'a test') => {
  const { status, headers, body } = await createClient(berth.origin, { 'User-Agent': userAgent }).call('POST', '/auth/signin', { email, password })
  return { status, code: body.code, browser: withCookie(berth.origin, cookieOf(headers)) }
}
const me = async (client: Client): Promise<number> => (await client.call('GET', '/auth/me')).status
const browsers = async (client: Client): Promise<Browser[]> => (await client.call<{ sessions: Browser[] }>('GET', '/auth/sessions')).body.sessions
const resetLink = async (id: string): Promise<string> => (await admin.call<{ link: string }>('POST', `/api/users/${id}/reset-link`)).body.link
const reset = async (link: string, password: string) => await createClient(berth.origin).call<{ user: User, code: string }>('POST', '/auth/password/reset', { token: link.split('#')[1], password })

describe('a password', () => {
  it('is changed by who knows it; other browsers are signed out, keys stay', async () => {
    const user = await signUp(berth.origin)
    const { body: { key } } = await user.call<{ key: string }>('POST', '/auth/keys', { name: 'stays' })
    const elsewhere = (await signIn(user.email, PASSWORD)).browser
    expect(await user.call('POST', '/auth/password', { current: PASSWORD, password: OTHER })).toMatchObject({ status: 204 })
    expect([await me(user), await me(elsewhere), await me(withKey(berth.origin, key))]).toEqual([200, 401, 200])
    expect([(await signIn(user.email, PASSWORD)).status, (await signIn(user.email, OTHER)).status]).toEqual([401, 200])
  })

  it.each([
    ['another one than it is', { current: 'not this one at all', password: OTHER }, 403, 'WRONG_PASSWORD'],
    ['one that everybody would try', { current: PASSWORD, password: 'password123456' }, 400, 'COMMON_PASSWORD'],
    ['a short one', { current: PASSWORD, password: 'short' }, 400, 'VALIDATION_FAILED'],
    ['nothing', {}, 400, 'VALIDATION_FAILED'],
    ['a role beside it', { current: PASSWORD, password: OTHER, role: 'admin' }, 400, 'VALIDATION_FAILED']
  ])('is not changed by %s', async (_name, body, status, code) => {
    const user = await signUp(berth.origin)
    expect(await user.call('POST', '/auth/password', body)).toMatchObject({ status, body: { code } })
    expect((await signIn(user.email, PASSWORD)).status).toBe(200)
  })

  it('is guessed at by an open browser only a few times', async () => {
    const other = await startBerth({ RATE_LIMIT_SIGNIN: '3/5m' }, { catalogue: noLanguages })
    try {
      const user = await signUp(other.origin)
      const answers: string[] = []
      for (let n = 0; n < 12; n++) answers.push((await user.call('POST', '/auth/password', { current: `guess ${n} of many`, password: OTHER })).body.code)
      expect(new Set(answers)).toEqual(new Set(['WRONG_PASSWORD', 'RATE_LIMITED']))
      expect(answers.at(-1)).toBe('RATE_LIMITED')
    } finally {
      await other.stop()
    }
  })

  it('changed by two at once with the same old one is what one of them has said', async () => {
    const user = await signUp(berth.origin)
    const answers = await Promise.all([OTHER, 'harbour lantern of seven', 'copper meadow and rain'].map(async (password) => ({ password, ...await user.call('POST', '/auth/password', { current: PASSWORD, password }) })))
    const winners = answers.filter(({ status }) => status === 204)
    expect(winners).toHaveLength(1)
    expect((await signIn(user.email, winners[0]?.password ?? '')).status).toBe(200)
  })

  it('that was forgotten is set by an administrator\'s link, once; every browser is signed out', async () => {
    const user = await signUp(berth.origin)
    const [first, second] = [await resetLink(user.user.id), await resetLink(user.user.id)]
    expect(first).toMatch(new RegExp(`^${berth.origin}/reset#[\\w-]{43}$`))
    expect((await reset(second, 'password123456')).body.code).toBe('COMMON_PASSWORD')
    const { status, headers, body } = await reset(second, OTHER)
    expect([status, body.user.id]).toEqual([200, user.user.id])
    expect([await me(user), await me(withCookie(berth.origin, cookieOf(headers)))]).toEqual([401, 200])
    expect([(await reset(second, OTHER)).body.code, (await reset(first, OTHER)).body.code]).toEqual(['BAD_LINK', 'BAD_LINK'])
    expect([(await signIn(user.email, PASSWORD)).status, (await signIn(user.email, OTHER)).status]).toEqual([401, 200])
  })

  it('is set once by a link that two use at once', async () => {
    const user = await signUp(berth.origin)
    const link = await resetLink(user.user.id)
    expect((await Promise.all([1, 2, 3].map(async () => await reset(link, OTHER)))).map(({ status }) => status).sort()).toEqual([200, 403, 403])
  })

  it('that was changed makes links for it worthless', async () => {
    const user = await signUp(berth.origin)
    const link = await resetLink(user.user.id)
    await user.call('POST', '/auth/password', { current: PASSWORD, password: OTHER })
    expect((await reset(link, PASSWORD)).body.code).toBe('BAD_LINK')
  })

  it.each(['x', 'A'.repeat(43)])('is set by no token like %s', async (token) => {
    expect((await reset(`#${token}`, OTHER)).body.code).toBe('BAD_LINK')
  })
})

describe('browsers', () => {
  it('that are signed in are listed, with what they call themselves, and signed out one by one', async () => {
    const user = await signUp(berth.origin)
    const phone = (await signIn(user.email, PASSWORD, `a phone ${'x'.repeat(1_000)}`)).browser
    const [newest, own] = await browsers(user)
    expect([newest?.current, own?.current, newest?.ip]).toEqual([false, true, '127.0.0.1'])
    expect(newest?.userAgent).toBe(`a phone ${'x'.repeat(248)}`)
    expect((await user.call('DELETE', `/auth/sessions/${newest?.id}`)).status).toBe(204)
    expect([await me(phone), await me(user)]).toEqual([401, 200])
    expect((await user.call('DELETE', `/auth/sessions/${newest?.id}`)).body.code).toBe('SESSION_NOT_FOUND')
  })

  it('are signed out all but the one that asks; a key asks for all', async () => {
    const user = await signUp(berth.origin)
    const { body: { key } } = await user.call<{ key: string }>('POST', '/auth/keys', { name: 'asks' })
    const others = await Promise.all([1, 2].map(async () => (await signIn(user.email, PASSWORD)).browser))
    expect((await user.call('DELETE', '/auth/sessions')).status).toBe(204)
    expect([await me(user), ...await Promise.all(others.map(me))]).toEqual([200, 401, 401])
    expect((await withKey(berth.origin, key).call('DELETE', '/auth/sessions')).status).toBe(204)
    expect([await me(user), await me(withKey(berth.origin, key))]).toEqual([401, 200])
  })

  it('of others are not there', async () => {
    const [user, other] = [await signUp(berth.origin), await signUp(berth.origin)]
    const [browser] = await browsers(user)
    expect((await other.call('DELETE', `/auth/sessions/${browser?.id}`)).body.code).toBe('SESSION_NOT_FOUND')
    expect([await me(user), (await browsers(other)).length]).toEqual([200, 1])
  })
})

describe('the own account', () => {
  it('is called something else, or nothing', async () => {
    const user = await signUp(berth.origin, { name: 'Before' })
    expect((await user.call<{ user: User }>('PATCH', '/auth/me', { name: 'After' })).body.user.name).toBe('After')
    expect((await user.call<{ user: User }>('PATCH', '/auth/me', { name: null })).body.user.name).toBeNull()
    for (const body of [{}, { name: '' }, { name: 'a\u0000b' }, { role: 'admin' }, { name: 'n', role: 'admin' }]) {
      expect((await user.call('PATCH', '/auth/me', body)).body.code).toBe('VALIDATION_FAILED')
    }
  })

  it('is deleted with its password, and its email is free again', async () => {
    const user = await signUp(berth.origin)
    const { body: { key } } = await user.call<{ key: string }>('POST', '/auth/keys', { name: 'goes' })
    expect((await user.call('DELETE', '/auth/me', { password: OTHER })).body.code).toBe('WRONG_PASSWORD')
    expect(await me(user)).toBe(200)
    expect((await user.call('DELETE', '/auth/me', { password: PASSWORD })).status).toBe(204)
    expect([await me(user), await me(withKey(berth.origin, key)), (await signIn(user.email, PASSWORD)).status]).toEqual([401, 401, 401])
    expect((await signUp(berth.origin, { email: user.email })).user.id).not.toBe(user.user.id)
  })
})
