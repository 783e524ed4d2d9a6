import { describe, expect, it } from 'vitest'
import { startBerth, type Berth } from '../support/berth.ts'
import { createClient, PASSWORD, signUp, withKey } from '../support/client.ts'
import { noLanguages } from '../support/no-languages.ts'
import type { Variables } from '../../support/variables.ts'

async function withBerth (env: Variables, use: (berth: Berth) => Promise<void>): Promise<void> {
  const berth = await startBerth(env, { catalogue: noLanguages })
  try {
    await use(berth)
  } finally {
    await berth.stop()
  }
}

const signIn = async (berth: Berth, email: string, headers: Record<string, string> = {}) =>
  await createClient(berth.origin, headers).call('POST', '/auth/signin', { email, password: 'not this one' })

describe('limits', () => {
  it('end guessing from one address, and say when to come back', async () => {
    await withBerth({ RATE_LIMIT_SIGNIN: '3/1m' }, async (berth) => {
      for (let n = 0; n < 3; n++) expect((await signIn(berth, `${n}@example.org`)).status).toBe(401)
      const refused = await signIn(berth, 'last@example.org')
      expect([refused.status, refused.body.code]).toEqual([429, 'RATE_LIMITED'])
      const seconds = Number(refused.headers.get('retry-after'))
      expect(seconds).toBeGreaterThan(0)
      expect(seconds).toBeLessThanOrEqual(60)
      expect((await withKey(berth.origin, berth.key).call('GET', '/auth/me')).status).toBe(200)
    })
  })

  it('let everybody in who knows their password, however many are behind one address, until too many have guessed there', async () => {
    await withBerth({ RATE_LIMIT_SIGNIN: '3/1m' }, async (berth) => {
      const { email } = await signUp(berth.origin)
      const comeIn = async () => (await createClient(berth.origin).call('POST', '/auth/signin', { email, password: PASSWORD })).status
      for (let n = 0; n < 5; n++) expect(await comeIn()).toBe(200)
      const guesses = await Promise.all(Array.from({ length: 40 }, async (_, n) => (await signIn(berth, `${n}@example.org`)).status))
      expect(guesses.filter((status) => status === 401).length).toBeLessThanOrEqual(2)
      expect(new Set(guesses)).toEqual(new Set([401, 429]))
      expect(await comeIn()).toBe(429)
    })
  })

  it('end guessing for one email from many addresses, however it is spelt', async () => {
    await withBerth({ TRUST_PROXY: 'true' }, async (berth) => {
      const from = (n: number) => ({ 'X-Forwarded-For': `192.0.2.${n}` })
      for (let n = 0; n < 5; n++) {
        expect((await signIn(berth, 'ada@example.org', from(n))).status).toBe(401)
        expect((await signIn(berth, 'ADA@example.org', from(100 + n))).status).toBe(401)
      }
      expect((await signIn(berth, ' ada@example.org', from(200))).body.code).toBe('RATE_LIMITED')
      expect((await signIn(berth, 'bob@example.org', from(201))).status).toBe(401)
    })
  })

  it('count addresses as TRUST_PROXY has it: a header that anybody can send is nobody\'s word', async () => {
    await withBerth({ RATE_LIMIT_SIGNIN: '1/1m' }, async (berth) => {
      expect((await signIn(berth, 'a@example.org', { 'X-Forwarded-For': '192.0.2.1' })).status).toBe(401)
      expect((await signIn(berth, 'b@example.org', { 'X-Forwarded-For': '192.0.2.2' })).status).toBe(429)
    })
  })

  it('count a user by user, whether by cookie or by key, and a stranger by address', async () => {
    await withBerth({ RATE_LIMIT: '3/1m', RATE_LIMIT_ANONYMOUS: '4/1m' }, async (berth) => {
      await signUp(berth.origin) // The administrator's own count is not touched below.
      const user = await signUp(berth.origin)
      const { body: { key } } = await user.call<{ key: string }>('POST', '/auth/keys', { name: 'k' })
      const status = async (client: { call: typeof user.call }) => (await client.call('GET', '/auth/me')).status
      expect([await status(user), await status(withKey(berth.origin, key)), await status(user)]).toEqual([200, 200, 429])
      expect(await status(withKey(berth.origin, berth.key))).toBe(200)
      // Two sign-ups were anonymous calls already.
      const stranger = withKey(berth.origin, 'brt_guess')
      expect([await status(stranger), await status(stranger), await status(stranger)]).toEqual([401, 401, 429])
      expect((await createClient(berth.origin).call('GET', '/health')).status).toBe(200)
    })
  })

  it('count executions by address, apart from other calls', async () => {
    await withBerth({ RATE_LIMIT_EXECUTE: '2/5m' }, async (berth) => {
      const execute = async () => (await withKey(berth.origin, berth.key).call('POST', '/api/execute', { language: 'python', code: '' })).body.code
      expect([await execute(), await execute(), await execute()]).toEqual(['UNKNOWN_LANGUAGE', 'UNKNOWN_LANGUAGE', 'RATE_LIMITED'])
      expect((await withKey(berth.origin, berth.key).call('GET', '/auth/me')).status).toBe(200)
    })
  })

  it('let 50 sign-ins at once through, and what waits with them', async () => {
    await withBerth({ RATE_LIMIT_SIGNIN: 'off' }, async (berth) => {
      const { email } = await signUp(berth.origin)
      const statuses = await Promise.all(Array.from({ length: 50 }, async () =>
        (await createClient(berth.origin).call('POST', '/auth/signin', { email, password: PASSWORD })).status))
      expect(new Set(statuses)).toEqual(new Set([200]))
    })
  })
})
