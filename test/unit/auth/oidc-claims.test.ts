import type { IDToken } from 'openid-client'
import { describe, expect, it } from 'vitest'
import { readClaims } from '../../../src/auth/oidc/provider.ts'
import { createSealed } from '../../../src/auth/oidc/sealed.ts'

const token = (claims: object): IDToken => ({ iss: 'https://p.example', sub: 's', aud: 'berth', iat: 0, exp: 1, ...claims })
const read = (claims: object, info: object = {}, adminGroup?: string) => readClaims(token(claims), { sub: 's', ...info }, adminGroup)

describe('what a provider says of somebody', () => {
  it.each<[string, object, object, string | undefined]>([
    ['in the token', { email: ' Ada@Example.org', email_verified: true }, {}, 'ada@example.org'],
    ['where it has to be asked for', {}, { email: 'ada@example.org', email_verified: true }, 'ada@example.org'],
    ['unverified', { email: 'ada@example.org', email_verified: false }, {}, undefined],
    ['without a word about it', { email: 'ada@example.org' }, {}, undefined],
    ['verified by a word alone', { email: 'ada@example.org', email_verified: 'true' }, {}, undefined],
    ['of the one, when the other is verified', { email: 'eve@example.org' }, { email: 'ada@example.org', email_verified: true }, 'ada@example.org'],
    ['of nobody, when the other has none', { email: 'eve@example.org' }, { email_verified: true }, undefined],
    ['that could be none', { email: 'ada @example.org, eve@example.org', email_verified: true }, {}, undefined],
    ['that is no text', { email: ['ada@example.org'], email_verified: true }, {}, undefined],
    ['that is too long', { email: `${'a'.repeat(250)}@example.org`, email_verified: true }, {}, undefined]
  ])('is their email %s', (_name, claims, info, email) => {
    expect(read(claims, info).email).toBe(email)
  })

  it.each<[object, object, string | undefined, string | undefined]>([
    [{ groups: ['staff', 'ops'] }, {}, 'ops', 'admin'],
    [{}, { groups: ['ops'] }, 'ops', 'admin'],
    [{ groups: 'ops' }, {}, 'ops', 'admin'],
    [{ groups: ['ops2', 'OPS', 'ops '] }, {}, 'ops', 'user'],
    [{ groups: { ops: true } }, {}, 'ops', 'user'],
    [{}, {}, 'ops', 'user'],
    [{ groups: ['ops'] }, {}, undefined, undefined],
    [{}, {}, undefined, undefined]
  ])('is by %j and %j in the group %s: %s', (claims, info, adminGroup, role) => {
    expect(read(claims, info, adminGroup).role).toBe(role)
  })

  it('is a name without what no name has', () => {
    expect(read({ name: ' Ada\r\n\u0000 L. ' }).name).toBe('Ada L.')
    expect(read({ name: 'n'.repeat(1_000) }).name).toHaveLength(100)
    expect([read({ name: '\n' }).name, read({ name: 7 }).name]).toEqual([undefined, undefined])
  })

  it('is nothing of somebody whose subject is longer than one may be', () => {
    expect(() => read({ sub: 's'.repeat(256) })).toThrow(expect.objectContaining({ code: 'OIDC_FAILED' }) as Error)
  })
})

describe('what a browser keeps for us', () => {
  let time = 1_000_000
  const options = { secret: 's'.repeat(32), purpose: 'a test', lifetimeMs: 600_000, now: () => time }

  it('is opened for ten minutes', () => {
    const sealed = createSealed<{ state: string }>(options)
    const [text, expires] = sealed.seal({ state: 'x' })
    expect(expires.getTime()).toBe(time + 600_000)
    time += 599_999
    expect(sealed.open(text)).toEqual({ state: 'x' })
    time += 1
    expect(sealed.open(text)).toBeUndefined()
  })

  it('is nothing for another purpose, with another secret, changed, or missing', () => {
    const sealed = createSealed<string>(options)
    const [text] = sealed.seal('value')
    expect(createSealed({ ...options, purpose: 'another' }).open(text)).toBeUndefined()
    expect(createSealed({ ...options, secret: 'o'.repeat(32) }).open(text)).toBeUndefined()
    expect([undefined, '', 'x', text.slice(1), `A${text}`].map(sealed.open)).toEqual([undefined, undefined, undefined, undefined, undefined])
    expect(Buffer.from(text, 'base64url').includes('value')).toBe(false)
  })
})
