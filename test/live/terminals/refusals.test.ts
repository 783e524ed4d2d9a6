import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTerminal, type TerminalClientOptions } from '../../support/terminal-client.ts'
import { startBerth, type Berth } from '../support/berth.ts'
import { createClient, signUp, type SignedUp } from '../support/client.ts'
import { createTerminals } from './terminals.ts'

let berth: Berth
let terminals: Awaited<ReturnType<typeof createTerminals>>
let stranger: SignedUp
beforeAll(async () => {
  berth = await startBerth({ CORS_ORIGINS: 'https://ide.example.org' })
  terminals = await createTerminals(berth.origin)
  stranger = await signUp(berth.origin)
})
afterAll(async () => {
  await terminals.user.remove(terminals.projectId)
  await berth.stop()
})

const connect = (options: TerminalClientOptions, path = `/terminal/${terminals.projectId}`) => openTerminal(berth.origin + path, options)
const withKey = () => ({ headers: { 'X-API-Key': terminals.user.key } })

async function refusal (options: TerminalClientOptions, path?: string) {
  const client = connect(options, path)
  const { code } = await client.closed
  return { handshake: client.refusedWith() ?? 101, close: code, said: client.messages, bytes: client.received() }
}

const closedWith = (close: number, code: string) => ({ handshake: 101, close, said: [{ type: 'error', code, message: expect.any(String) }], bytes: 0 })

describe('a page', () => {
  it.each([
    ['of another site', { Origin: 'https://evil.example.org' }],
    ['of our name at another port', { Origin: 'http://127.0.0.1:1' }],
    ['without an origin', {}],
    ['with the origin null', { Origin: 'null' }]
  ])('%s gets no handshake with the cookie of a user', async (_, headers) => {
    expect(await refusal({ headers: { Cookie: stranger.cookie, ...headers } })).toMatchObject({ handshake: 403, said: [] })
  })

  it.each([
    ['of ours', () => berth.origin],
    ['of CORS_ORIGINS', () => 'https://ide.example.org']
  ])('%s gets it', async (_, origin) => {
    expect(await refusal({ headers: { Cookie: stranger.cookie, Origin: origin() } })).toEqual(closedWith(4404, 'PROJECT_NOT_FOUND'))
  })
})

describe('a client', () => {
  it.each([
    ['without credentials', {}],
    ['with a wrong key', { 'X-API-Key': 'brt_wrong' }],
    ['with a forged cookie', { Cookie: 'jwt=eyJhbGciOiJub25lIn0.eyJzaWQiOiJ4In0.', Origin: 'http://127.0.0.1' }]
  ])('%s is closed with 4401', async (_, headers) => {
    expect(await refusal({ headers })).toEqual(closedWith(4401, 'UNAUTHENTICATED'))
  })

  it('of somebody else, and one of no project at all, is closed with 4404', async () => {
    expect(await refusal({ headers: stranger.headers })).toEqual(closedWith(4404, 'PROJECT_NOT_FOUND'))
    for (const id of [randomUUID(), 'none', '%00', '..%2f..']) {
      expect(await refusal(withKey(), `/terminal/${id}`)).toEqual(closedWith(4404, 'PROJECT_NOT_FOUND'))
    }
  })

  it('cannot attach to a terminal of another project', async () => {
    const client = await terminals.open()
    const { terminal } = await client.hello()
    const { body: project } = await stranger.call<{ id: string }>('POST', '/projects', { name: 'test', runtime: 'python' })
    expect(await refusal({ headers: stranger.headers }, `/terminal/${project.id}?terminal=${terminal}`)).toEqual(closedWith(4404, 'TERMINAL_NOT_FOUND'))
    expect((await stranger.call('GET', `/projects/${terminals.projectId}/terminals`)).body).toMatchObject({ code: 'PROJECT_NOT_FOUND' })
    expect((await stranger.call('DELETE', `/projects/${project.id}/terminals/${terminal}`)).body).toMatchObject({ code: 'TERMINAL_NOT_FOUND' })
    expect((await stranger.call('POST', `/projects/${project.id}/terminals/${terminal}/resize`, { cols: 1, rows: 1 })).body).toMatchObject({ code: 'TERMINAL_NOT_FOUND' })
    await client.close()
    await stranger.call('DELETE', `/projects/${project.id}`)
  })

  it.each(['cols=80', 'cols=0&rows=24', 'cols=80&rows=1001', 'cols=a&rows=b', 'since=5', 'since=-1&terminal=x', 'unknown=1'])('that asks for ?%s is closed with 1008', async (query) => {
    expect(await refusal(withKey(), `/terminal/${terminals.projectId}?${query}`)).toEqual(closedWith(1008, 'VALIDATION_FAILED'))
  })

  it('without an upgrade gets the HTTP status', async () => {
    const { user, projectId } = terminals
    expect(await createClient(berth.origin).call('GET', `/terminal/${projectId}`)).toMatchObject({ status: 401 })
    expect(await stranger.call('GET', `/terminal/${projectId}`)).toMatchObject({ status: 404, body: { code: 'PROJECT_NOT_FOUND' } })
    expect(await user.call('GET', `/terminal/${projectId}`)).toMatchObject({ status: 426, body: { code: 'UPGRADE_REQUIRED' } })
    expect(await user.call('GET', `/terminal/${projectId}?cols=0`)).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } })
  })
})

describe('what is no message', () => {
  it.each(['', 'ls', '{}', '{"type":"resize"}', '{"type":"resize","cols":80,"rows":0}', '{"type":"ack","bytes":-1}', '{"type":"ping","x":1}', `{"type":"${'x'.repeat(5000)}"}`])('number %# is answered, and nothing else', async (text) => {
    const client = await terminals.open()
    client.say(text)
    expect(await client.message('error')).toMatchObject({ code: 'BAD_CONTROL' })
    client.type('echo goes on $((6*7))\n')
    await client.shows('goes on 42\r\n')
    await client.close()
  })

  it('ends the connection when it comes again and again, but not the shell', async () => {
    const client = await terminals.open()
    const { terminal } = await client.hello()
    for (let count = 0; count < 10_000; count++) client.say('nonsense')
    expect((await client.closed).code).toBe(1008)
    expect(client.messages.length).toBeLessThan(100)
    const again = terminals.connect({ query: { terminal } })
    await again.hello()
    await again.close()
  })

  it('ends the connection when it is larger than any paste', async () => {
    const client = await terminals.open()
    client.type(Buffer.alloc(3_000_000))
    expect((await client.closed).code).toBe(1009)
  })
})

it('without an Engine a client is asked to come later', async () => {
  const engineless = await startBerth({ DOCKER_HOST: 'unix:///nonexistent/docker.sock', LOG_LEVEL: 'silent' })
  const user = await signUp(engineless.origin)
  const { body: project } = await user.call<{ id: string }>('POST', '/projects', { name: 'test', runtime: 'python' })
  const client = openTerminal(`${engineless.origin}/terminal/${project.id}`, { headers: user.headers })
  expect((await client.closed).code).toBe(1013)
  expect(client.messages).toEqual([{ type: 'error', code: 'ENGINE_UNAVAILABLE', message: expect.any(String) }])
  await engineless.stop()
})
