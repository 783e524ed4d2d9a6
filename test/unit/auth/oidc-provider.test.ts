import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createProvider, type Attempt, type Provider } from '../../../src/auth/oidc/provider.ts'
import { CLIENT, passProvider, startOidcProvider, type OidcProvider } from '../../support/oidc-provider.ts'

const REDIRECT = 'http://localhost:3000/auth/oidc/callback'

let there: OidcProvider
beforeAll(async () => { there = await startOidcProvider(REDIRECT) })
afterAll(async () => await there.stop())

const create = (given: Partial<Parameters<typeof createProvider>[0]> = {}): Provider =>
  createProvider({ issuer: new URL(there.issuer), clientId: CLIENT.OIDC_CLIENT_ID, clientSecret: CLIENT.OIDC_CLIENT_SECRET, scopes: 'openid email profile', adminGroup: 'ops', ...given })

/** Somebody is sent there, signs in, and has come back. */
async function comeBack (provider: Provider, { person = there.add(), change = () => undefined }: { person?: string, change?: (url: URL) => void } = {}): Promise<{ callback: URL, attempt: Attempt }> {
  const { url, attempt } = await provider.begin(REDIRECT, '/')
  change(url)
  return { callback: await passProvider(url.href, person), attempt }
}

const refusal = async (finished: Promise<unknown>): Promise<unknown> => await finished.then(() => 'nothing', (error: unknown) => (error as { code?: string }).code ?? error)

describe('a provider', () => {
  it('says who has come back', async () => {
    const person = there.add({ email: 'Ada@example.org', groups: ['ops'] })
    const provider = create()
    const { callback, attempt } = await comeBack(provider, { person })
    expect(await provider.finish(callback, attempt)).toEqual({ issuer: there.issuer, subject: person, email: 'ada@example.org', name: 'Ada', role: 'admin' })
  })

  it('is told what is asked of it by a question that is another one each time', async () => {
    const questions = await Promise.all([1, 2].map(async () => await create().begin(REDIRECT, '/files')))
    for (const { url, attempt } of questions) {
      expect(Object.fromEntries(url.searchParams)).toMatchObject({ response_type: 'code', client_id: 'berth', redirect_uri: REDIRECT, scope: 'openid email profile', code_challenge_method: 'S256', state: attempt.state, nonce: attempt.nonce })
      expect(url.href).not.toContain(attempt.verifier)
      expect(attempt.next).toBe('/files')
    }
    for (const name of ['state', 'nonce', 'code_challenge']) expect(new Set(questions.map(({ url }) => url.searchParams.get(name))).size).toBe(2)
  })

  it.each<[string, Parameters<typeof comeBack>[1], (callback: URL) => void, string]>([
    ['with the state of another', {}, (callback) => callback.searchParams.set('state', 'x'), 'OIDC_EXPIRED'],
    ['without a state', {}, (callback) => callback.searchParams.delete('state'), 'OIDC_EXPIRED'],
    ['with two states', {}, (callback) => callback.searchParams.append('state', 'x'), 'OIDC_FAILED'],
    ['with a token for another question', { change: (url) => url.searchParams.set('nonce', 'x'.repeat(43)) }, () => undefined, 'OIDC_FAILED'],
    ['with a code that somebody else has asked for', { change: (url) => url.searchParams.set('code_challenge', 'x'.repeat(43)) }, () => undefined, 'OIDC_EXPIRED'],
    ['with a code that is none', {}, (callback) => callback.searchParams.set('code', 'x'), 'OIDC_EXPIRED'],
    ['without a code', {}, (callback) => callback.searchParams.delete('code'), 'OIDC_FAILED'],
    ['from another issuer', {}, (callback) => callback.searchParams.set('iss', 'https://evil.example'), 'OIDC_FAILED'],
    ['without the issuer that it says it names', {}, (callback) => callback.searchParams.delete('iss'), 'OIDC_FAILED'],
    ['with an error of no form', {}, (callback) => { callback.searchParams.delete('code'); callback.searchParams.set('error', '<b>no</b>') }, 'OIDC_REFUSED']
  ])('lets nobody in who comes %s', async (_name, way, change, code) => {
    const provider = create()
    const { callback, attempt } = await comeBack(provider, way)
    change(callback)
    expect(await refusal(provider.finish(callback, attempt))).toBe(code)
  })

  it('lets nobody in twice by the same answer', async () => {
    const provider = create()
    const { callback, attempt } = await comeBack(provider)
    await provider.finish(callback, attempt)
    expect(await refusal(provider.finish(callback, attempt))).toBe('OIDC_EXPIRED')
  })

  it('that somebody has refused says so', async () => {
    const provider = create()
    const { url, attempt } = await provider.begin(REDIRECT, '/')
    const callback = await passProvider(url.href, undefined)
    await expect(provider.finish(callback, attempt)).rejects.toThrow('has ended it: access_denied')
  })

  it('that does not know this server\'s secret lets nobody in', async () => {
    const provider = create({ clientSecret: 'wrong' })
    const { callback, attempt } = await comeBack(provider)
    expect(await refusal(provider.finish(callback, attempt))).toBe('OIDC_FAILED')
  })

  it('that is away is asked for again each time, and found when it is back', async () => {
    const other = await startOidcProvider(REDIRECT)
    await other.stop()
    const gone = create({ issuer: new URL(other.issuer) })
    for (let round = 0; round < 2; round++) expect(await refusal(gone.begin(REDIRECT, '/'))).toBe('OIDC_UNAVAILABLE')
    const provider = create()
    const { callback, attempt } = await comeBack(provider)
    const { finish } = create({ issuer: new URL(other.issuer) })
    expect(await refusal(finish(callback, attempt))).toBe('OIDC_UNAVAILABLE')
    expect(await refusal(provider.finish(callback, attempt))).toBe('nothing')
  })

  it('that says it is another one than it should be is none', async () => {
    expect(await refusal(create({ issuer: new URL(there.issuer.replace('127.0.0.1', 'localhost')) }).begin(REDIRECT, '/'))).toBe('OIDC_UNAVAILABLE')
  })

  it('that goes away between question and answer is away', async () => {
    const other = await startOidcProvider(REDIRECT)
    const provider = create({ issuer: new URL(other.issuer) })
    const { callback, attempt } = await comeBack(provider, { person: other.add() })
    await other.stop()
    expect(await refusal(provider.finish(callback, attempt))).toBe('OIDC_UNAVAILABLE')
  })
})
