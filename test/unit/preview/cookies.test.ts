import { describe, expect, it } from 'vitest'
import { cookiesForApp, grantCookies, presentedGrants, setCookieFromApp } from '../../../src/projects/preview/cookies.ts'
import { createGrants } from '../../../src/projects/preview/grants.ts'

const isSessionToken = (value: string): boolean => value === 'ours'

describe('cookies on their way to an app', () => {
  it.each<[string, string | undefined]>([
    ['a=1; b=2', 'a=1; b=2'],
    ['berth-preview=x', undefined],
    ['a=1; berth-preview=x; __Host-berth-preview=y; b=2', 'a=1; b=2'],
    ['jwt=ours; a=1', 'a=1'],
    ['jwt=of-the-app; a=1', 'jwt=of-the-app; a=1'],
    ['a="x=y;z"; b', 'a="x=y; z"; b'],
    ['  a=1 ;; b = 2 ', 'a=1; b = 2'],
    ['', undefined]
  ])('%j become %j', (header, expected) => {
    expect(cookiesForApp(header, isSessionToken)).toBe(expected)
  })

  it('of ours are all looked at, in case another path or name has set one', () => {
    expect(presentedGrants('berth-preview=one; a=1; berth-preview=two; __Host-berth-preview=three')).toEqual(['one', 'two', 'three'])
    expect(presentedGrants(undefined)).toEqual([])
  })
})

describe('a cookie that an app sets', () => {
  it.each<[string, string | undefined]>([
    ['a=1; Path=/; HttpOnly', 'a=1; Path=/; HttpOnly'],
    ['a=1; Domain=localhost; Path=/', 'a=1; Path=/'],
    ['a=1; domain = .example.org', 'a=1'],
    ['a=1; DOMAIN', 'a=1'],
    ['domain=1; Path=/', 'domain=1; Path=/'],
    ['berth-preview=x; Path=/', undefined],
    [' Berth-Preview =x', undefined],
    ['__HOST-berth-preview=x; Secure; Path=/', undefined]
  ])('%j becomes %j', (header, expected) => {
    expect(setCookieFromApp(header)).toBe(expected)
  })
})

it('the cookie of a preview is for its own host, and locked to it where TLS is', () => {
  const framed = '__Host-berth-preview=v; Path=/; HttpOnly; SameSite=None; Secure; Partitioned'
  expect(grantCookies('v', false)).toEqual(['berth-preview=v; Path=/; HttpOnly; SameSite=Lax', framed])
  expect(grantCookies('v', true)).toEqual([framed])
})

describe('grants', () => {
  const session = 'e5a2f1d0-1111-4222-8333-444455556666'
  const address = { projectId: '0fb1b7a2-5c1f-4f0e-9d55-0d6f8a3c2b11', port: 3000 }
  const grants = createGrants('a secret of this server')

  it('name their session, at their own preview only', () => {
    const value = grants.issue(address, session)
    expect(grants.read(address, value)).toBe(session)
    expect(grants.read({ ...address, port: 3001 }, value)).toBeUndefined()
    expect(grants.read({ ...address, projectId: session }, value)).toBeUndefined()
    expect(createGrants('another secret').read(address, value)).toBeUndefined()
  })

  it.each(['', '.', session, `${session}.`, `${session}.AAAA`, 'x'.repeat(10_000)])('are not made of %j', (value) => {
    expect(grants.read(address, value)).toBeUndefined()
  })
})
