import type { FastifyRequest } from 'fastify'
import { describe, expect, it } from 'vitest'
import { presentedCredentials } from '../../../src/auth/credentials.ts'

const presented = (headers: Record<string, string>) => presentedCredentials({ headers, cookies: { jwt: 'token' }, protocol: 'http', hostname: 'localhost' } as unknown as FastifyRequest)
const upgrade = { upgrade: 'websocket', 'sec-websocket-protocol': 'berth.v1, berth.key.brt_socket' }

describe('who asks', () => {
  it.each<[string, Record<string, string>, object]>([
    ['a header', { 'x-api-key': 'brt_a' }, { kind: 'key', key: 'brt_a' }],
    ['a bearer token', { authorization: 'bearer  brt_a' }, { kind: 'key', key: 'brt_a' }],
    ['a subprotocol of a WebSocket', upgrade, { kind: 'key', key: 'brt_socket' }],
    ['a header rather than a subprotocol', { ...upgrade, 'x-api-key': 'brt_a' }, { kind: 'key', key: 'brt_a' }],
    ['the cookie', {}, { kind: 'cookie', token: 'token' }],
    ['the cookie where a subprotocol has no key', { ...upgrade, 'sec-websocket-protocol': 'term.v1' }, { kind: 'cookie', token: 'token' }],
    ['the cookie where there is no WebSocket', { 'sec-websocket-protocol': 'berth.key.brt_socket' }, { kind: 'cookie', token: 'token' }]
  ])('is said by %s', (_, headers, credentials) => expect(presented(headers)).toEqual(credentials))
})
