import { describe, expect, it } from 'vitest'
import { isAllowedOrigin, needsOrigin } from '../../../src/auth/origin.ts'

const asked = (origin: string | undefined, more: { method?: string, protocol?: string, upgrade?: string } = {}) => ({
  method: more.method ?? 'POST',
  protocol: more.protocol ?? 'http',
  host: 'berth.example.org:3000',
  headers: { origin, upgrade: more.upgrade }
})

describe('an origin', () => {
  it.each<[string | undefined, string, boolean]>([
    ['http://berth.example.org:3000', 'http', true],
    ['https://berth.example.org:3000', 'http', true], // TLS ends before us.
    ['https://berth.example.org:3000', 'https', true],
    ['http://berth.example.org:3000', 'https', false],
    ['http://berth.example.org', 'http', false],
    ['http://berth.example.org:3000.evil.example', 'http', false],
    ['http://evil.example', 'http', false],
    ['https://ide.example.org', 'http', true],
    ['http://ide.example.org', 'http', false],
    ['null', 'http', false],
    ['', 'http', false],
    [undefined, 'http', false]
  ])('%s, when asked by %s: %s', (origin, protocol, isAllowed) => {
    expect(isAllowedOrigin(asked(origin, { protocol }), ['https://ide.example.org'])).toBe(isAllowed)
  })

  it('is needed by what changes something and by sockets', () => {
    const methods = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE']
    expect(methods.filter((method) => needsOrigin(asked(undefined, { method })))).toEqual(['POST', 'PUT', 'PATCH', 'DELETE'])
    expect(needsOrigin(asked(undefined, { method: 'GET', upgrade: 'websocket' }))).toBe(true)
  })
})
