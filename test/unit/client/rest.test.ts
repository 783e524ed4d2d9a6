import { describe, expect, it } from 'vitest'
import { createRest, type RestOptions } from '../../../src/client/rest/client.ts'
import { pathOf } from '../../../src/client/rest/request.ts'

const answers = (...responses: Array<Response | Error>) => {
  const calls: Array<[string, RequestInit]> = []
  const fetch = (async (path: string, init: RequestInit = {}) => {
    calls.push([path, init])
    const response = responses.shift() ?? Response.json({})
    if (response instanceof Error) throw response
    return response
  }) as typeof globalThis.fetch
  return { calls, rest: (options: RestOptions = {}) => createRest({ fetch, ...options }) }
}

const headersOf = ([, init]: [string, RequestInit]): Record<string, string> => Object.fromEntries(new Headers(init.headers))
const busy = (status: number, seconds = '0') => Response.json({ code: 'BUSY', message: 'Later' }, { status, headers: { 'Retry-After': seconds } })

describe('the client of the HTTP API', () => {
  it('sends and receives JSON', async () => {
    const { rest, calls } = answers(Response.json({ id: '1' }, { status: 201 }))
    expect(await rest().call('POST /projects', { body: { name: 'x', runtime: 'python' } })).toEqual({ id: '1' })
    expect(calls[0]).toMatchObject(['/projects', { method: 'POST', body: '{"name":"x","runtime":"python"}' }])
    expect(headersOf(calls[0]!)).toEqual({ 'content-type': 'application/json' })
  })

  it('sends no content type without a body, and takes an answer without one', async () => {
    const { rest, calls } = answers(new Response(null, { status: 204 }))
    expect(await rest().call('DELETE /projects/{id}', { params: { id: 'a/b' } })).toBeUndefined()
    expect([calls[0]?.[0], headersOf(calls[0]!)]).toEqual(['/projects/a%2Fb', {}])
  })

  it('takes an answer of text as it is', async () => {
    const { rest } = answers(new Response('{"not": "JSON"}', { headers: { 'Content-Type': 'text/plain; charset=utf-8' } }))
    expect(await rest().sendJson('GET', '/metrics', {})).toBe('{"not": "JSON"}')
  })

  it.each([['brt_a', 'brt_a'], [() => 'brt_b', 'brt_b'], [async () => 'brt_c', 'brt_c']])('sends its key to its origin, and no cookie', async (key, sent) => {
    const { rest, calls } = answers()
    await rest({ origin: 'https://berth.example', key }).call('GET /auth/me')
    expect(calls[0]).toMatchObject(['https://berth.example/auth/me', { credentials: 'omit' }])
    expect(headersOf(calls[0]!)).toEqual({ 'x-api-key': sent })
  })

  it('asks for a key of each call anew', async () => {
    let number = 0
    const { rest, calls } = answers()
    const api = rest({ key: () => `key-${++number}` })
    await api.call('GET /auth/me')
    await api.call('GET /auth/me')
    expect(calls.map(headersOf)).toEqual([{ 'x-api-key': 'key-1' }, { 'x-api-key': 'key-2' }])
  })

  it('throws the API\'s own words', async () => {
    const body = { code: 'VALIDATION', message: 'No', details: [{ field: 'name', message: 'is missing' }], requestId: 'r1' }
    const { rest } = answers(Response.json(body, { status: 400 }))
    await expect(rest().call('GET /auth/me')).rejects.toMatchObject({ name: 'ApiError', status: 400, ...body, retryAfterMs: undefined })
  })

  it('throws the status of what is no answer of the API', async () => {
    const { rest } = answers(new Response('<h1>Bad Gateway</h1>', { status: 502, statusText: 'Bad Gateway', headers: { 'X-Request-ID': 'r2' } }))
    await expect(rest().call('GET /auth/me')).rejects.toMatchObject({ status: 502, code: 'UNKNOWN', message: 'The server answered 502 Bad Gateway', requestId: 'r2' })
  })

  it('says that the server cannot be reached, and why', async () => {
    const cause = new TypeError('Failed to fetch')
    await expect(answers(cause).rest().call('GET /auth/me')).rejects.toMatchObject({ status: 0, code: 'UNREACHABLE', cause })
  })

  it('passes on that it was aborted', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    controller.abort(reason)
    await expect(answers(reason).rest().call('GET /auth/me', { signal: controller.signal })).rejects.toBe(reason)
  })

  it.each([['POST', 429], ['GET', 503], ['HEAD', 503], ['DELETE', 429]])('repeats a %s that was refused with %i when the server asks for it', async (method, status) => {
    const { rest, calls } = answers(busy(status), busy(status), new Response('fine'))
    expect(await (await rest().send(method, '/x')).text()).toBe('fine')
    expect(calls).toHaveLength(3)
  })

  it('gives up after two repetitions, and says when to come again', async () => {
    const { rest, calls } = answers(busy(429), busy(429), busy(429))
    await expect(rest().call('GET /auth/me')).rejects.toMatchObject({ code: 'BUSY', retryAfterMs: 0 })
    expect(calls).toHaveLength(3)
  })

  it.each<[string, string, RequestInit, Response]>([
    ['what may have been begun', 'POST', {}, busy(503)],
    ['what would have to wait for long', 'GET', {}, busy(429, '11')],
    ['a stream', 'PUT', { body: new ReadableStream() }, busy(429)],
    ['what the server asks nobody to repeat', 'GET', {}, Response.json({}, { status: 429 })],
    ['other failures', 'GET', {}, busy(500)]
  ])('does not repeat %s', async (_, method, init, response) => {
    const { rest, calls } = answers(response)
    await expect(rest().send(method, '/x', init)).rejects.toMatchObject({ name: 'ApiError' })
    expect(calls).toHaveLength(1)
  })

  it('stops waiting when it is aborted', async () => {
    const controller = new AbortController()
    const { rest, calls } = answers(busy(429, '9'))
    const asked = rest().send('GET', '/x', { signal: controller.signal })
    setImmediate(() => controller.abort(new Error('enough')))
    await expect(asked).rejects.toThrow('enough')
    expect(calls).toHaveLength(1)
  })

  it('puts parameters into paths, and leaves out what is undefined', () => {
    expect(pathOf('/projects/{id}/files/{*}', { params: { id: 'p', '*': 'a b/c#d' }, query: { depth: 1, x: undefined, all: true } }))
      .toBe('/projects/p/files/a%20b/c%23d?depth=1&all=true')
  })
})
