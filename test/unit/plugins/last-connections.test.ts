import { once } from 'node:events'
import { connect } from 'node:net'
import Fastify from 'fastify'
import { expect, it } from 'vitest'
import lastConnections from '../../../src/plugins/last-connections.ts'

const OWES_BYTES = 'PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-endless\r\nContent-Length: 1000\r\n\r\nonly this'

it('does not wait for a client that never sends the rest of a body', async () => {
  const app = Fastify({ forceCloseConnections: 'idle' })
  await app.register(lastConnections, { patienceMs: 50 })
  app.addContentTypeParser('application/x-endless', (_request, _payload, done) => done(null))
  app.put('/', async () => 'refused')
  const { hostname, port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
  const client = connect(Number(port), hostname)
  client.on('error', () => undefined)
  client.write(OWES_BYTES)
  const [answer] = await once(client, 'data') as [Buffer]
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 /)
  const gone = once(client, 'close')
  await app.close()
  await gone
})
