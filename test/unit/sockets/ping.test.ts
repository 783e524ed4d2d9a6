import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { createConnection as createTerminalConnection } from '../../../src/projects/processes/sockets/connection.ts'
import { createConnection } from '../../../src/sockets/connection.ts'

let server: WebSocketServer
let client: WebSocket
let messages: string[]

/** A client of a server that does nothing but what `serve` does. */
async function connect (serve: (ws: WebSocket) => unknown, protocol = 'term.v1'): Promise<void> {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server.on('connection', serve)
  await once(server, 'listening')
  client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, protocol)
  client.on('message', (data: Buffer) => messages.push(data.toString()))
  await once(client, 'open')
}

async function received (count = 1): Promise<unknown[]> {
  while (messages.length < count) await once(client, 'message')
  return messages.map((text) => JSON.parse(text) as unknown)
}

beforeEach(() => { messages = [] })
afterEach(() => {
  client.terminate()
  server.close()
})

describe('a ping', () => {
  it.each(['{"type":"ping"}', '{"type": "ping"}', ' { "type" : "ping" }\n'])('%j is answered, while nobody reads what came before', async (ping) => {
    const frames: unknown[] = []
    await connect((ws) => frames.push(createConnection(ws)))
    client.send(ping)
    expect(await received()).toEqual([{ type: 'pong' }])
  })

  it('is nothing that the feature sees, and what only looks like one is', async () => {
    const read: unknown[] = []
    await connect(async (ws) => {
      const connection = createConnection(ws)
      while (read.length < 2) read.push(await connection.read())
      await connection.send({ read })
    })
    for (const frame of ['{"type":"ping"}', '{"type":"ping","id":1}', '["ping"]']) client.send(frame)
    expect(await received(2)).toEqual([{ type: 'pong' }, { read: ['{"type":"ping","id":1}', '["ping"]'] }])
  })

  it('is answered by a terminal before there is a shell', async () => {
    await connect((ws) => createTerminalConnection(ws))
    client.send('{"type":"ping"}')
    expect(await received()).toEqual([{ type: 'pong' }])
  })

  it('needs not be read: a terminal that takes no input says by itself that it lives', async () => {
    await connect((ws) => createTerminalConnection(ws))
    client.send(new Uint8Array(100_000))
    expect(await received()).toEqual([{ type: 'pong' }])
  })
})
