import { describe, expect, it } from 'vitest'
import { nextPage, providerUrl, signInUrl } from '../../../src/web/next-page.ts'

const origin = 'http://127.0.0.1:3000'
const next = (value: string): string | undefined => nextPage(`?next=${encodeURIComponent(value)}`, origin)

describe('the page after signing in', () => {
  it('is the one that asked for it', () => {
    const page = '/terminal.html?project=1&terminal=2'
    expect(nextPage(new URL(signInUrl(page), origin).search, origin)).toBe(origin + page)
  })

  it('is not said without the parameter', () => expect(nextPage('', origin)).toBeUndefined())

  it('stays on this origin with a path that would be another one by itself', () => {
    expect(next(`${origin}//evil.example/`)).toBe(`${origin}//evil.example/`)
  })

  it.each([
    'https://evil.example/', '//evil.example/', '/\\evil.example/', '\\\\evil.example', 'javascript:alert(1)',
    'data:text/html,x', 'http://127.0.0.1:3001/', 'http://'
  ])('is never %s', (value) => expect(next(value)).toBeUndefined())
})

describe('the way to a provider', () => {
  it('has the path to come back to, of this server alone', () => {
    const begin = 'http://localhost:3000/auth/oidc'
    expect(providerUrl(begin, undefined)).toBe(begin)
    expect(providerUrl(begin, next('/terminal.html?project=1&terminal=2#end'))).toBe(`${begin}?next=%2Fterminal.html%3Fproject%3D1%26terminal%3D2%23end`)
    expect(providerUrl(begin, next('https://evil.example/'))).toBe(begin)
  })
})
