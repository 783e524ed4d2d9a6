import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createConnectionLimit } from '../../../src/http/connection-limit.ts'
import { createGuard } from '../../../src/http/guard.ts'

let server: Server
let carriedOut: number
const sockets: Socket[] = []

beforeEach(async () => {
  carriedOut = 0
  const guard = createGuard({ judgeHost: () => true, bodies: { watch: () => undefined } as never, connections: createConnectionLimit(1), requestIdOf: () => 'id' })
  server = createServer(guard.serverOptions, (request, response) => {
    if (!guard.admit(request, response)) return
    carriedOut++
    response.end()
  })
  server.on('upgrade', (request, socket) => {
    if (guard.admitUpgrade(request, socket)) socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n')
  })
  guard.attach(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
  server.close()
})

function open (): Socket {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  sockets.push(socket)
  return socket
}

describe('a connection above the limit of its address', () => {
  it('is told so, and what came on it is not carried out', async () => {
    const first = open()
    await once(first, 'connect')
    first.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await once(first, 'data')
    const second = open()
    second.write('POST /auth/signup HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}')
    expect(await text(second)).toMatch(/^HTTP\/1\.1 429 /)
    expect(carriedOut).toBe(1)
  })

  it('is let in again when another one has ended', async () => {
    const first = open()
    await once(first, 'connect')
    const closed = once(first, 'close')
    first.end()
    await closed
    const second = open()
    second.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    expect(await text(second)).toMatch(/^HTTP\/1\.1 200 /)
  })
})

describe('a request for another protocol', () => {
  const upgrade = async (method: string, headers: string, body = ''): Promise<string> => {
    const socket = open()
    socket.write(`${method} / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n${headers}\r\n${body}`)
    return await text(socket)
  }

  it.each([['Content-Length: 2\r\n', '{}'], ['Content-Length: 2\r\n', ''], ['Transfer-Encoding: chunked\r\n', '0\r\n\r\n']])('is refused with a body (%j, %j), which nobody would read', async (headers, body) => {
    expect(await upgrade('POST', headers, body)).toMatch(/^HTTP\/1\.1 400 [^]*--http1\.1/)
  })

  it.each(['', 'Content-Length: 0\r\n'])('is let through without one (%j)', async (headers) => {
    expect(await upgrade('GET', headers)).toMatch(/^HTTP\/1\.1 101 /)
  })
})
