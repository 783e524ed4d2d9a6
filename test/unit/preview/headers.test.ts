import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { comesFromOwnPage } from '../../../src/projects/preview/access.ts'
import { requestHeaders, responseHeaders } from '../../../src/projects/preview/headers.ts'
import { presentedKey } from '../../../src/projects/preview/keys.ts'

const ownOrigin = 'http://3000--id.localhost:8080'
const key = 'brt_0123456789abcdef'
const otherKey = 'a-key-of-the-operator'

function requestWith (raw: string[], method = 'GET'): IncomingMessage {
  const headers: Record<string, string> = {}
  for (let i = 0; i < raw.length; i += 2) headers[(raw[i] ?? '').toLowerCase()] = raw[i + 1] ?? ''
  return { method, headers, rawHeaders: raw } as unknown as IncomingMessage
}

function sent (raw: string[], { method = 'GET', upgrade, protocol = 'http' }: { method?: string, upgrade?: string, protocol?: 'http' | 'https' } = {}): string[][] {
  const flat = requestHeaders(requestWith(raw, method), {
    port: 3000, ownOrigin: ownOrigin.replace('http:', `${protocol}:`), clientAddress: '10.0.0.1', protocol, isSessionToken: () => false, isPredefinedKey: (given) => given === otherKey
  }, upgrade)
  return flat.flatMap((name, i) => i % 2 === 0 ? [[name, flat[i + 1] ?? '']] : [])
}

const forwarded = [['X-Forwarded-For', '10.0.0.1'], ['X-Forwarded-Proto', 'http']]

describe('headers on their way to an app', () => {
  it('keep their case, order and repetitions', () => {
    expect(sent(['Host', 'x', 'X-B', '1', 'x-a', '2', 'X-B', '3'])).toEqual([
      ['Host', 'localhost:3000'], ['X-B', '1'], ['x-a', '2'], ['X-B', '3'], ...forwarded, ['Connection', 'close']
    ])
  })

  it('lose what is for one hop, also what Connection names', () => {
    expect(sent(['Connection', 'X-Gone , keep-alive', 'X-Gone', '1', 'TE', 'trailers', 'Upgrade', 'h2c', 'Proxy-Connection', 'x', 'Expect', '100-continue', 'X-Kept', '1'])).toEqual([
      ['Host', 'localhost:3000'], ['X-Kept', '1'], ...forwarded, ['Connection', 'close']
    ])
  })

  it.each<[string, string, string[], string[][]]>([
    ['a body of known length', 'POST', ['Content-Length', '5'], [['Content-Length', '5']]],
    ['a chunked body', 'PUT', ['Transfer-Encoding', 'chunked'], [['Transfer-Encoding', 'chunked']]],
    ['a body with GET', 'GET', ['Content-Length', '5'], [['Content-Length', '5']]],
    ['no body where one is usual', 'POST', [], [['Content-Length', '0']]],
    ['no body where none is usual', 'DELETE', [], []]
  ])('delimit %s', (_name, method, raw, framing) => {
    expect(sent(raw, { method })).toEqual([['Host', 'localhost:3000'], ...forwarded, ['Connection', 'close'], ...framing])
  })

  it('ask for an upgrade when there is one', () => {
    expect(sent(['Connection', 'Upgrade', 'Upgrade', 'WebSocket', 'Sec-WebSocket-Key', 'x'], { upgrade: 'websocket' })).toEqual([
      ['Host', 'localhost:3000'], ['Sec-WebSocket-Key', 'x'], ...forwarded, ['Connection', 'Upgrade'], ['Upgrade', 'websocket']
    ])
  })

  it('name the app as its own origin, by the scheme that it is told', () => {
    expect(sent(['Origin', 'https://3000--id.localhost:8080'], { protocol: 'https' })).toContainEqual(['Origin', 'https://localhost:3000'])
    expect(sent(['Origin', 'https://3000--id.localhost:8080'])).toContainEqual(['Origin', 'https://3000--id.localhost:8080'])
    expect(sent(['Referer', `${ownOrigin}.evil.example/`])).toContainEqual(['Referer', `${ownOrigin}.evil.example/`])
  })

  it.each<[string[], boolean]>([
    [['X-API-Key', key], false],
    [['x-api-key', otherKey], false],
    [['X-Api-Key', 'of-the-app'], true],
    [['Authorization', `Bearer ${key}`], false],
    [['authorization', `bearer  ${otherKey}`], false],
    [['Authorization', 'Bearer of-the-app'], true],
    [['Sec-WebSocket-Protocol', `vite-hmr, berth.key.${key}`], false],
    [['Sec-WebSocket-Protocol', `berth.key.${otherKey}`], false],
    [['Sec-WebSocket-Protocol', 'vite-hmr'], true],
    [['Authorization', `Basic ${key}`], true]
  ])('%j stays: %j', (raw, stays) => {
    expect(sent(raw).some(([name]) => name === raw[0])).toBe(stays)
  })
})

describe('the key that counts', () => {
  it.each<[string[], string | undefined]>([
    [['Authorization', `Bearer ${otherKey}`, 'X-API-Key', key], key],
    [['X-API-Key', key, 'x-api-key', otherKey], key],
    [['X-API-Key', 'short', 'Authorization', `bearer ${otherKey}`], otherKey],
    [['X-API-Key', 'short', 'x-api-key', key], undefined],
    [['Authorization', 'Basic eDp5', 'X-Other', key], undefined],
    [['X-API-Key', 'x'.repeat(257)], undefined]
  ])('of %j is %j', (raw, expected) => {
    expect(presentedKey(raw)).toBe(expected)
  })
})

it('headers on their way to a browser have no hop, no reach beyond the host, and our request id', () => {
  const raw = ['Connection', 'X-Hop', 'X-Hop', '1', 'Transfer-Encoding', 'chunked', 'X-Request-Id', 'app', 'Alt-Svc', 'x', 'Location', 'http://localhost:3000/a', 'Set-Cookie', 'a=1; Domain=x', 'ETag', '"1"']
  expect(responseHeaders(raw, { port: 3000, ownOrigin, requestId: 'r1' })).toEqual(['Location', `${ownOrigin}/a`, 'Set-Cookie', 'a=1', 'ETag', '"1"', 'X-Request-ID', 'r1'])
})

describe('what an app that takes itself for localhost says of addresses', () => {
  const seen = (name: string, value: string): string | undefined => responseHeaders([name, value], { port: 3000, ownOrigin, requestId: 'r' })[1]
  const other = ownOrigin.replace('3000--', '4700--')

  it.each([
    ['//localhost:3000/x', `${ownOrigin}/x`], ['http://0.0.0.0:3000/x?y#z', `${ownOrigin}/x?y#z`], ['http://127.0.0.1:3000', ownOrigin], ['https://[::1]:3000/', `${ownOrigin}/`],
    ['http://localhost:4700/x', `${other}/x`], ['HTTP://LOCALHOST:4700?a', `${other}?a`], ['http://127.1:4700/', `${other}/`], ['http://0x7f000001:4700/', `${other}/`], ['http://[0:0:0:0:0:0:0:1]:4700/', `${other}/`],
    ['http://[::ffff:127.0.0.1]:4700/', `${other}/`], ['http://localhost.:4700/', `${other}/`], ['http://user:pass@localhost:4700/', `${other}/`], ['\\\\localhost:4700\\x', `${other}/x`],
    ['//localhost/x', `${ownOrigin}/x`], ['http://localhost/x', `${ownOrigin.replace('3000--', '80--')}/x`],
    ['http://localhost:4700/caf\u00c3\u00a9', `${other}/caf\u00c3\u00a9`]
  ])('%s leads to the preview of that port', (given, expected) => {
    expect(seen('Location', given)).toBe(expected)
  })

  it.each(['/a', 'a/b', '?q', '', '/caf\u00e9', '//example.org:3000/', 'http://example.org/?u=http://localhost:3000/', 'http://localhost.example.org:3000/', 'http://localhost@example.org/', 'http://10.0.0.1:3000/', 'http://[::2]:3000/', 'http://localhost:99999/', 'http://local host/'])('%s stays', (given) => {
    expect(seen('Location', given)).toBe(given)
  })

  it.each([
    ['0; url=http://localhost:4700/x', `0; url=${other}/x`], ['5;URL=\'//127.0.0.1:4700/\'', `5;URL='${other}/'`], ['0,http://localhost:4700/', `0,${other}/`],
    ['3', '3'], ['0; url=/next', '0; url=/next'], ['0; url=http://example.org/', '0; url=http://example.org/']
  ])('Refresh: %s becomes %s', (given, expected) => {
    expect(seen('Refresh', given)).toBe(expected)
  })

  it('its own pages on another port may be let in by their origin', () => {
    expect(seen('Access-Control-Allow-Origin', 'http://localhost:4700')).toBe(other)
    expect(seen('Access-Control-Allow-Origin', '*')).toBe('*')
    expect(seen('X-Anything', 'http://localhost:4700')).toBe('http://localhost:4700')
  })
})

describe('a request with the cookie', () => {
  it.each<[boolean, string, Record<string, string>]>([
    [true, 'GET', {}],
    [true, 'POST', { origin: ownOrigin }],
    [true, 'GET', { origin: ownOrigin.toUpperCase() }],
    [true, 'GET', { 'sec-fetch-site': 'none' }],
    [true, 'GET', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }],
    [true, 'GET', { upgrade: 'websocket', origin: ownOrigin }],
    [false, 'POST', {}],
    [false, 'GET', { upgrade: 'websocket' }],
    [false, 'GET', { upgrade: 'websocket', origin: 'http://3001--id.localhost:8080' }],
    [false, 'GET', { origin: 'null' }],
    [false, 'GET', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' }],
    [false, 'GET', { origin: `${ownOrigin}.evil.example` }]
  ])('is from the preview\'s own page: %j for %s with %j', (expected, method, headers) => {
    expect(comesFromOwnPage(requestWith(Object.entries(headers).flat(), method), ownOrigin)).toBe(expected)
  })
})
