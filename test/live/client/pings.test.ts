import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { startBerth, type Berth } from '../support/berth.ts'
import { signUp, type User } from '../projects/user.ts'

let berth: Berth
let user: User
let projectId: string

beforeAll(async () => {
  berth = await startBerth()
  user = await signUp(berth.origin)
  projectId = (await user.createProject()).id
})
afterAll(async () => {
  await user.call('DELETE', `/projects/${projectId}`)
  await berth.stop()
})

/** The answer to a ping, among whatever else comes. */
async function ping (path: string): Promise<unknown> {
  const ws = new WebSocket(berth.origin.replace('http', 'ws') + path, ['berth.v1', `berth.key.${user.key}`])
  await once(ws, 'open')
  const messages: string[] = []
  ws.on('message', (data: Buffer) => messages.push(data.toString()))
  ws.send('{"type":"ping"}')
  while (!messages.includes('{"type":"pong"}')) await once(ws, 'message')
  ws.close()
  await once(ws, 'close')
  return ws.protocol
}

describe('every socket answers a ping, whoever brings a key as a subprotocol', () => {
  it('of a terminal', async () => expect(await ping(`/terminal/${projectId}`)).toBe('berth.v1'))

  it('of files', async () => expect(await ping(`/projects/${projectId}/files`)).toBe('berth.v1'))

  it('of a process', async () => {
    const { body } = await user.call<{ id: string }>('POST', `/projects/${projectId}/processes`, { cmd: ['sleep', 'infinity'] })
    expect(await ping(`/projects/${projectId}/processes/${body.id}`)).toBe('berth.v1')
  })

  it('of a program that is still to come, and of one that runs', async () => {
    expect(await ping('/api/execute')).toBe('berth.v1')
    const { body } = await user.call<{ sessionId: string }>('POST', '/api/execute', { language: 'python', code: 'input()', interactive: true })
    expect(await ping(`/api/execute/${body.sessionId}`)).toBe('berth.v1')
    await user.call('DELETE', `/api/sessions/${body.sessionId}`)
  })

  it('and closes with 4401 for a key that is none', async () => {
    const ws = new WebSocket(`${berth.origin.replace('http', 'ws')}/projects/${projectId}/files`, ['berth.v1', 'berth.key.brt_nobody-has-this-key'])
    const [code] = await once(ws, 'close') as [number]
    expect(code).toBe(4401)
  })
})
