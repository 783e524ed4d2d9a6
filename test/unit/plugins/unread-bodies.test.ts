import { connect, type AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { PassThrough, type Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createBodyWatch, type BodyWatch } from '../../../src/http/body-watch.ts'
import errorHandler from '../../../src/plugins/error-handler.ts'
import unreadBodies from '../../../src/plugins/unread-bodies.ts'

let nowMs: number
let bodies: BodyWatch
let app: FastifyInstance
let logged: Array<{ level: number, msg: string }>
let begun: number

const INFO = 30

beforeEach(async () => {
  nowMs = 0
  begun = 0
  logged = []
  bodies = createBodyWatch({ patienceMs: 1_000, now: () => nowMs })
  app = Fastify({ logger: { level: 'info', stream: { write: (line: string) => void logged.push(JSON.parse(line) as typeof logged[number]) } } })
  app.server.on('request', (request, response) => {
    bodies.watch(request, response)
    begun++
  })
  // The watch stands before everything else.
  const listeners = app.server.listeners('request') as Array<(...args: unknown[]) => void>
  app.server.removeAllListeners('request')
  for (const listener of listeners.toReversed()) app.server.on('request', listener)
  await app.register(errorHandler)
  await app.register(unreadBodies, { bodies })
  app.post('/json', async () => 'read')
  app.post('/slow', { onRequest: async () => await new Promise(() => undefined) }, async () => 'never')
  await app.register(async (raw) => {
    raw.removeAllContentTypeParsers()
    raw.addContentTypeParser('*', (_request, body, done) => done(null, body))
    raw.post('/iterated', async ({ body }) => {
      for await (const chunk of body as Readable) void chunk
      return 'read'
    })
    raw.post('/piped', async ({ body }) => {
      await pipeline(body as Readable, new PassThrough().resume())
      return 'read'
    })
    raw.post('/ignored', async () => await new Promise(() => undefined))
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
})
afterEach(async () => {
  app.server.closeAllConnections()
  await app.close()
})

/** Sends a part of a body and nothing more. Resolves with all that comes until the connection ends. */
async function sendPart (path: string, headers: string, part: string): Promise<string> {
  const client = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  client.write(`POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${headers}\r\n\r\n${part}`)
  const answer = text(client)
  await vi.waitFor(() => expect(begun).toBe(1))
  let isOver = false
  void answer.then(() => { isOver = true })
  // As often as it takes: bytes may still be on their way.
  await vi.waitFor(() => {
    nowMs += 1_001
    bodies.check()
    expect(isOver).toBe(true)
  })
  return await answer
}

const parts: Array<[string, string]> = [['Content-Length: 100', ''], ['Content-Length: 100', '{'], ['Transfer-Encoding: chunked', '1\r\n{\r\n']]
it.each([
  ...['/json', '/iterated', '/piped'].flatMap((path) => parts.map(([headers, part]) => ({ path, headers, part }))),
  // Where nobody reads it, what has come waits for us.
  ...['/slow', '/ignored'].map((path) => ({ path, headers: 'Content-Length: 100', part: '' }))
])('a body of $path that stops coming is answered once, and ends the connection ($headers, $part)', async ({ path, headers, part }) => {
  const answer = await sendPart(path, headers, part)
  expect(answer).toMatch(/^HTTP\/1\.1 408 [^]*"code":"REQUEST_TIMEOUT"/)
  expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1)
  expect(logged.filter(({ level }) => level > INFO)).toEqual([])
})

it('a body that comes late, but in time, is read as ever', async () => {
  const client = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  client.write('POST /json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n')
  const answer = text(client)
  await vi.waitFor(() => expect(begun).toBe(1))
  nowMs += 999
  bodies.check()
  client.write('{}')
  expect(await answer).toMatch(/^HTTP\/1\.1 200 [^]*read/)
})
