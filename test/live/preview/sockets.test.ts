import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import { waitFor } from '../../support/wait-for.ts'
import { signUp, type User } from '../projects/user.ts'
import { startBerth, type Berth } from '../support/berth.ts'
import { startEverything } from './running-app.ts'
import { createVisitor } from './visitor.ts'

let berth: Berth
let user: User
let projectId: string
const visitorOf = (port: number) => createVisitor(berth, projectId, port, { 'x-api-key': user.key })

beforeAll(async () => {
  berth = await startBerth()
  user = await signUp(berth.origin)
  projectId = (await startEverything(berth, user, [[3000, '0.0.0.0'], [9090, '127.0.0.1']])).id
})
afterAll(async () => {
  await user.remove(projectId)
  await berth.stop()
})

async function nextMessage (socket: WebSocket): Promise<string> {
  const [data] = await once(socket, 'message') as [Buffer]
  return data.toString()
}

async function refusalOf (socket: WebSocket) {
  const [, response] = await once(socket, 'unexpected-response') as [unknown, { statusCode: number, headers: Record<string, string>, on: (name: string, listener: (chunk: Buffer) => void) => void } & AsyncIterable<Buffer>]
  let text = ''
  for await (const chunk of response) text += chunk.toString()
  return { status: response.statusCode, headers: response.headers, text }
}

describe.each([['the published port', 3000], ['the agent', 9090]])('a WebSocket through %s', (_name, port) => {
  it('carries messages both ways, from the first one behind the head to the close', async () => {
    const visitor = visitorOf(port)
    const socket = visitor.socket('/socket', { origin: visitor.origin, cookie: 'a=1; berth-preview=forged' })
    const hello = JSON.parse(await nextMessage(socket)) as Record<string, string>
    expect(hello).toEqual({ origin: `http://localhost:${port}`, host: `localhost:${port}`, cookie: 'a=1' })
    for (const message of ['one', 'two', 'three']) {
      const echo = nextMessage(socket)
      socket.send(message)
      expect(await echo).toBe(message)
    }
    socket.close(1000, 'bye')
    expect(await once(socket, 'close')).toEqual([1000, Buffer.from('bye')])
  })

  it('hands on what the app refuses with', async () => {
    expect(await refusalOf(visitorOf(port).socket('/refuse'))).toMatchObject({ status: 403, text: 'refused', headers: { 'x-why': 'because' } })
  })

  it('ends in the app when the client vanishes', async () => {
    const visitor = visitorOf(port)
    const gone = async () => ((await visitor.visit('/gone')).json() as string[]).filter((what) => what === 'socket').length
    const before = await gone()
    const socket = visitor.socket('/socket')
    await nextMessage(socket)
    socket.terminate()
    await waitFor('the app to see it', async () => await gone() > before)
  })

  it('ends when the key is deleted', async () => {
    const made = await user.call<{ id: string, key: string }>('POST', '/auth/keys', { name: 'short-lived' })
    const socket = createVisitor(berth, projectId, port, { 'x-api-key': made.body.key }).socket('/socket')
    await nextMessage(socket)
    const closed = once(socket, 'close')
    await user.call('DELETE', `/auth/keys/${made.body.id}`)
    expect((await closed)[0]).toBe(1006)
  })
})

it('needs a credential like a page', async () => {
  const { status, text } = await refusalOf(createVisitor(berth, projectId, 3000).socket('/socket'))
  expect([status, JSON.parse(text)]).toEqual([401, expect.objectContaining({ code: 'UNAUTHENTICATED' })])
})

it('says that nothing listens', async () => {
  const { status, text } = await refusalOf(visitorOf(4000).socket('/socket'))
  expect([status, JSON.parse(text)]).toEqual([502, expect.objectContaining({ code: 'PREVIEW_UNREACHABLE', message: expect.stringContaining('3000 (node), 9090 (node)') })])
})

it('takes another upgrade for an ordinary request', async () => {
  const answer = await visitorOf(3000).visit('/echo', { headers: { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAAQAAP__' } })
  expect(answer.json()).toMatchObject({ method: 'GET', url: '/echo' })
  expect(answer.text).not.toContain('h2c')
})

it('leaves the API\'s own WebSockets to the API', async () => {
  const { port } = new URL(berth.origin)
  const socket = visitorOf(3000).socket(`/terminal/${projectId}`, { host: `localhost:${port}` })
  expect(await nextMessage(socket)).toContain('hello')
  socket.close()
  await once(socket, 'close')
})
