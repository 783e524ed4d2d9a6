// An app with a route for everything that a preview must carry: node everything.mjs <port> <host>
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'

const [port, host] = process.argv.slice(2)
const eventStreams = new Set()
const gone = []

const readAll = async (request) => {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of request) {
    hash.update(chunk)
    bytes += chunk.length
  }
  return { bytes, sha256: hash.digest('hex') }
}

const sendJson = (response, body) => response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))

const routes = {
  async '/echo' (request, response) {
    const { bytes, sha256 } = await readAll(request)
    sendJson(response, { method: request.method, url: request.url, rawHeaders: request.rawHeaders, bytes, sha256 })
  },
  '/download' (request, response, query) {
    const chunk = Buffer.alloc(65_536, 'x')
    let left = Number(query.get('bytes'))
    const more = () => {
      while (left > 0) {
        const part = chunk.subarray(0, left)
        left -= part.length
        if (!response.write(part)) {
          response.once('drain', more)
          return
        }
      }
      response.end()
    }
    response.writeHead(200)
    more()
  },
  '/events' (request, response) {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' })
    response.write('data: first\n\n')
    eventStreams.add(response)
    response.on('close', () => {
      eventStreams.delete(response)
      gone.push('events')
    })
  },
  '/events/next' (request, response) {
    for (const stream of eventStreams) stream.write('data: next\n\n')
    response.writeHead(204).end()
  },
  '/silent-stream' (request, response) {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders()
  },
  '/gone': (request, response) => sendJson(response, gone),
  '/never': (request, response) => response.on('close', () => gone.push('never')),
  '/hang-up': (request) => request.socket.destroy(),
  '/cut' (request, response) {
    response.writeHead(200, { 'Content-Length': '1000' })
    response.write('half', () => request.socket.destroy())
  },
  '/early' (request, response) {
    response.writeHead(413).write('too large')
    request.resume().on('end', () => response.end())
  },
  '/headers' (request, response) {
    response.writeHead(200, [
      'Connection', 'keep-alive, X-Hop', 'X-Hop', 'secret', 'Keep-Alive', 'timeout=5', 'Proxy-Authenticate', 'Basic', 'X-End', 'kept',
      'Set-Cookie', 'a=1; Path=/; Domain=localhost; HttpOnly', 'Set-Cookie', 'b=2', 'Set-Cookie', 'berth-preview=mine; Path=/',
      'Set-Cookie', '__host-berth-preview=mine; Path=/; Secure', 'Clear-Site-Data', '"cookies"', 'Alt-Svc', 'h2=":1"', 'X-Request-ID', 'of the app'
    ])
    response.end('ok')
  },
  '/redirect': (request, response, query) => response.writeHead(302, { Location: query.get('to') }).end(),
  '/range' (request, response) {
    const content = Buffer.from('0123456789')
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range) ?? []
    response.writeHead(206, { 'Content-Range': `bytes ${from}-${to}/10`, 'Accept-Ranges': 'bytes' }).end(content.subarray(Number(from), Number(to) + 1))
  },
  '/status' (request, response, query) {
    response.writeHead(Number(query.get('code')), 'As it pleases').end()
  }
}

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost')
  const route = routes[pathname]
  if (route === undefined) response.writeHead(404).end('no such route of the app')
  else route(request, response, searchParams)
})

// A WebSocket that answers each small frame with the same one, whatever it holds.
server.on('upgrade', (request, socket, head) => {
  socket.on('error', () => socket.destroy()).on('end', () => socket.end()).on('close', () => gone.push('socket'))
  if (request.url === '/refuse') {
    socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 7\r\nX-Why: because\r\n\r\nrefused')
    return
  }
  const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`)
  // The first message follows the head in the same packet.
  const hello = Buffer.from(JSON.stringify({ origin: request.headers.origin, host: request.headers.host, cookie: request.headers.cookie ?? null }))
  socket.write(Buffer.concat([Buffer.of(0x81, 126, hello.length >> 8, hello.length & 255), hello]))
  let pending = head
  const consume = (chunk) => {
    pending = Buffer.concat([pending, chunk])
    while (pending.length >= 6 && pending.length >= 6 + (pending[1] & 127)) {
      const length = pending[1] & 127
      const mask = pending.subarray(2, 6)
      const payload = Buffer.from(pending.subarray(6, 6 + length).map((byte, i) => byte ^ mask[i % 4]))
      socket.write(Buffer.concat([Buffer.of(pending[0], length), payload]))
      pending = pending.subarray(6 + length)
    }
  }
  consume(Buffer.alloc(0))
  socket.on('data', consume)
})

server.listen(Number(port), host, () => console.log('listening'))
