import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBerth, type Berth } from '../support/berth.ts'
import { createClient, signUp, withCookie, withKey, type SignedUp } from '../support/client.ts'
import { noLanguages } from '../support/no-languages.ts'

const JWT_SECRET = 'a secret of this test alone, long enough'
const FOREIGN = 'https://elsewhere.example.org'
const ALLOWED = 'https://ide.example.org'

let berth: Berth
let user: SignedUp
beforeAll(async () => {
  berth = await startBerth({ JWT_SECRET, CORS_ORIGINS: ALLOWED }, { catalogue: noLanguages })
  user = await signUp(berth.origin)
})
afterAll(async () => await berth.stop())

type Json = Record<string, unknown>

const part = (value: Json): string => Buffer.from(JSON.stringify(value)).toString('base64url')

function token (payload: Json, { alg = 'HS256', secret = JWT_SECRET }: { alg?: string, secret?: string } = {}): string {
  const content = `${part({ alg, typ: 'JWT' })}.${part(payload)}`
  const hash = { HS256: 'sha256', HS512: 'sha512' }[alg]
  return `${content}.${hash === undefined ? '' : createHmac(hash, secret).update(content).digest('base64url')}`
}

const claimsOf = (cookie: string): Json => JSON.parse(Buffer.from(cookie.split('.')[1] ?? '', 'base64url').toString()) as Json

describe('a token', () => {
  const claims = (): Json => claimsOf(user.cookie)

  it('says nothing but which session it is, by whom it was made and until when', () => {
    expect(Object.keys(claims()).sort()).toEqual(['exp', 'iat', 'iss', 'sid'])
  })

  it('made with our secret and the right session is taken, so that the cases below fail for their own reason', async () => {
    expect((await withCookie(berth.origin, `jwt=${token(claims())}`).call('GET', '/auth/me')).status).toBe(200)
  })

  it.each<[string, () => string]>([
    ['with another secret', () => token(claims(), { secret: 'another secret that is long enough too' })],
    ['without an algorithm', () => token(claims(), { alg: 'none' })],
    ['with another algorithm', () => token(claims(), { alg: 'HS512' })],
    ['that has expired', () => token({ ...claims(), exp: Math.floor(Date.now() / 1000) - 1 })],
    ['of another issuer', () => token({ ...claims(), iss: 'elsewhere' })],
    ['of a session that does not exist', () => token({ ...claims(), sid: '00000000-0000-4000-8000-000000000000' })],
    ['with SQL for a session', () => token({ ...claims(), sid: "' or true --" })],
    ['with an object for a session', () => token({ ...claims(), sid: { $ne: null } })],
    ['without a session', () => token({ ...claims(), sid: undefined })],
    ['cut short', () => token(claims()).slice(0, -1)],
    ['that is none', () => 'eyJ'],
    ['of 6 kB', () => 'x'.repeat(6_000)]
  ])('%s is refused', async (_name, forge) => {
    const { status, body } = await withCookie(berth.origin, `jwt=${forge()}`).call('GET', '/auth/me')
    expect([status, body.code]).toEqual([401, 'UNAUTHENTICATED'])
  })
})

describe('a key', () => {
  it.each<[string, Record<string, string>]>([
    ['that does not exist', { 'X-API-Key': `brt_${'x'.repeat(32)}` }],
    ['that is empty', { 'X-API-Key': '' }],
    ['with SQL', { 'X-API-Key': "' or true --" }],
    ['of 8 kB', { 'X-API-Key': 'k'.repeat(8_000) }],
    ['in a scheme that is not Bearer', { Authorization: 'Basic YWRtaW46YWRtaW4=' }],
    ['without a scheme', { Authorization: 'brt_only_for_this_test' }]
  ])('%s is refused', async (_name, headers) => {
    const { status, body } = await createClient(berth.origin, headers).call('GET', '/auth/me')
    expect([status, body.code]).toEqual([401, 'UNAUTHENTICATED'])
  })

  it('that is wrong is not made good by a cookie', async () => {
    expect((await user.call('GET', '/auth/me', undefined, { 'X-API-Key': 'brt_wrong' })).status).toBe(401)
  })
})

describe('a cookie', () => {
  const create = async (headers: Record<string, string>) => await createClient(berth.origin, { Cookie: user.cookie, ...headers }).call('POST', '/auth/keys', { name: 'by cookie' })

  it.each<[string, Record<string, string>, number]>([
    ['our own pages', { Origin: 'own' }, 201],
    ['an origin of CORS_ORIGINS', { Origin: ALLOWED }, 201],
    ['nowhere', {}, 403],
    ['a page without an origin', { Origin: 'null' }, 403],
    ['another site', { Origin: FOREIGN }, 403],
    ['a site whose name begins like ours', { Origin: 'own.evil.example' }, 403],
    ['another port of this machine', { Origin: 'http://127.0.0.1:1' }, 403]
  ])('from %s can change something only if that is allowed', async (_name, headers, status) => {
    const origin = headers.Origin?.replace(/^own/, berth.origin)
    const answer = await create(origin === undefined ? {} : { Origin: origin })
    expect(answer.status).toBe(status)
    if (status === 403) expect(answer.body.code).toBe('ORIGIN_NOT_ALLOWED')
  })

  it('may read without an Origin, as a browser does on its own site', async () => {
    expect((await createClient(berth.origin, { Cookie: user.cookie }).call('GET', '/auth/me')).status).toBe(200)
  })

  it('opens no socket from another site', async () => {
    const upgrade = await berth.app.inject({ method: 'GET', url: '/auth/me', headers: { cookie: user.cookie, origin: FOREIGN, upgrade: 'websocket' } })
    expect([upgrade.statusCode, upgrade.json<{ code: string }>().code]).toEqual([403, 'ORIGIN_NOT_ALLOWED'])
  })

  it('is not asked for an Origin beside a key', async () => {
    expect((await create({ 'X-API-Key': berth.key })).status).toBe(201)
  })
})

describe('CORS', () => {
  const preflight = async (origin: string) => await fetch(`${berth.origin}/auth/keys`, {
    method: 'OPTIONS',
    headers: { Origin: origin, 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'content-type' }
  })

  it('is granted to CORS_ORIGINS, with the cookie', async () => {
    const { headers } = await preflight(ALLOWED)
    expect([headers.get('access-control-allow-origin'), headers.get('access-control-allow-credentials')]).toEqual([ALLOWED, 'true'])
  })

  it('is granted to nobody else', async () => {
    expect((await preflight(FOREIGN)).headers.get('access-control-allow-origin')).toBe(null)
  })
})

describe('onRevoked', () => {
  it('tells of a key that is deleted and of a session that is ended, once', async () => {
    const told: string[] = []
    const { body: { id, key } } = await user.call<{ id: string, key: string }>('POST', '/auth/keys', { name: 'watched' })
    const sessionId = claimsOf(user.cookie).sid as string
    const owner = { userId: user.user.id, role: user.user.role, expiresAt: null }
    const { onRevoked } = berth.app.auth
    onRevoked({ ...owner, via: 'key', keyId: id }, () => told.push('key'))
    const stop = onRevoked({ ...owner, via: 'key', keyId: id }, () => told.push('nobody listens'))
    onRevoked({ ...owner, via: 'cookie', sessionId }, () => told.push('session'))
    stop()
    await user.call('DELETE', `/auth/keys/${id}`)
    expect(told).toEqual(['key'])
    expect((await withKey(berth.origin, key).call('GET', '/auth/me')).status).toBe(401)
    await user.call('POST', '/auth/logout')
    expect(told).toEqual(['key', 'session'])
  })
})
