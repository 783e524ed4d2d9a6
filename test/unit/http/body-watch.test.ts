import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBodyWatch, type BodyWatch } from '../../../src/http/body-watch.ts'

let nowMs: number
let bodies: BodyWatch
let server: Server
let client: Socket

beforeEach(async () => {
  nowMs = 0
  bodies = createBodyWatch({ patienceMs: 1_000, now: () => nowMs })
  server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  client = connect((server.address() as AddressInfo).port, '127.0.0.1')
})
afterEach(async () => {
  client.destroy()
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})

/** A request as the server has it when its head has come. */
async function begin (headers: string, body = ''): Promise<[IncomingMessage, ServerResponse]> {
  client.write(`POST / HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n\r\n${body}`)
  const [request, response] = await once(server, 'request') as [IncomingMessage, ServerResponse]
  bodies.watch(request, response)
  request.resume()
  return [request, response]
}

function checkAfter (ms: number): void {
  nowMs += ms
  bodies.check()
}

describe('a body that stops coming', () => {
  it.each([
    ['of a length', 'Content-Length: 100', 'half'],
    ['in chunks', 'Transfer-Encoding: chunked', '4\r\nhalf\r\n'],
    ['without its first byte', 'Content-Length: 1', '']
  ])('%s is answered with 408, and the connection ends', async (_name, headers, body) => {
    const [request] = await begin(headers, body)
    if (body !== '') await once(request, 'data')
    bodies.check()
    checkAfter(999)
    const answer = text(client)
    checkAfter(2)
    expect(await answer).toMatch(/^HTTP\/1\.1 408 [^]*"code":"REQUEST_TIMEOUT"/)
  })

  it('has its time anew with every byte', async () => {
    const [request, response] = await begin('Content-Length: 3')
    for (const byte of 'ab') {
      client.write(byte)
      await once(request, 'data')
      checkAfter(900)
    }
    client.write('c')
    await once(request, 'end')
    checkAfter(5_000)
    response.end('all of it')
    expect((await once(client, 'data')).toString()).toMatch(/^HTTP\/1\.1 200 /)
  })

  it('is waited for longer where an upload is expected', async () => {
    const [request] = await begin('Content-Length: 100')
    bodies.allow(request, 10_000)
    checkAfter(9_999)
    expect(request.socket.writableEnded).toBe(false)
    const answer = text(client)
    checkAfter(2)
    expect(await answer).toMatch(/^HTTP\/1\.1 408 /)
  })

  it('ends the connection too when the answer has been given already', async () => {
    const [, response] = await begin('Content-Length: 100')
    response.end('early')
    await once(client, 'data')
    bodies.check()
    const closed = once(client, 'close')
    checkAfter(60_000)
    await closed
  })
})

it('waits for nobody who announces no body', async () => {
  const [request, response] = await begin('Content-Length: 0')
  checkAfter(60_000)
  expect(request.socket.writableEnded).toBe(false)
  response.end()
  expect((await once(client, 'data')).toString()).toMatch(/^HTTP\/1\.1 200 /)
})
