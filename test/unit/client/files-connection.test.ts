import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openConnection } from '../../../src/client/files/connection.ts'
import type { Notice } from '../../../src/protocols/files.ts'
import { describeConnection, type ConnectionState } from '../../../src/client/files/state.ts'
import { createScriptedSocket, type ScriptedSocket } from './scripted-socket.ts'

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

function open ({ isVisible = () => true }: { isVisible?: () => boolean } = {}) {
  const servers: ScriptedSocket[] = []
  const states: ConnectionState[] = []
  const notices: Notice[] = []
  const connection = openConnection({
    connect: () => {
      const server = createScriptedSocket()
      servers.push(server)
      return server.socket
    },
    onState: (state) => states.push(state),
    onNotice: (notice) => notices.push(notice),
    isVisible,
    random: () => 0
  })
  return {
    connection,
    notices,
    states,
    get connections () { return servers.length },
    get server () { return servers.at(-1) as ScriptedSocket },
    get state () { return states.at(-1) }
  }
}

function openConnected () {
  const test = open()
  test.server.say({ type: 'connected', project: 'p' })
  return test
}

describe('the connection to a project\'s files', () => {
  it('watches everything as soon as it is open, each time', () => {
    const test = openConnected()
    expect(test.server.messages).toEqual([{ type: 'watch', path: '/', recursive: true }])
    test.server.drop()
    vi.runOnlyPendingTimers()
    test.server.say({ type: 'connected', project: 'p' })
    expect(test.connections).toBe(2)
    expect(test.server.messages).toEqual([{ type: 'watch', path: '/', recursive: true }])
    expect(test.states.map(({ name }) => name)).toEqual(['connecting', 'connected', 'reconnecting', 'reconnecting', 'connected'])
  })

  it('gives each request its own answer, in whatever order they come', async () => {
    const { connection, server } = openConnected()
    const first = connection.request('stat', { path: 'a' })
    const second = connection.request('stat', { path: 'b' })
    expect(server.messages.slice(1)).toEqual([{ id: 1, op: 'stat', path: 'a' }, { id: 2, op: 'stat', path: 'b' }])
    server.say({ id: 2, ok: true, entry: 'of b' })
    server.say({ id: 1, ok: true, entry: 'of a' })
    expect(await first).toMatchObject({ entry: 'of a' })
    expect(await second).toMatchObject({ entry: 'of b' })
  })

  it('rejects what the server refuses, with its code and etag', async () => {
    const { connection, server } = openConnected()
    const write = connection.request('write', { path: 'a', content: '', ifMatch: 'old' })
    server.say({ id: 1, ok: false, code: 'PRECONDITION_FAILED', message: 'It is another', etag: 'new' })
    await expect(write).rejects.toMatchObject({ code: 'PRECONDITION_FAILED', message: 'It is another', etag: 'new' })
  })

  it('sends what can be repeated again after a lost connection, and in the same order', async () => {
    const test = openConnected()
    const read = test.connection.request('read', { path: 'a' })
    const write = test.connection.request('write', { path: 'a', content: 'x', ifMatch: 'v1' })
    test.server.drop()
    vi.advanceTimersByTime(125)
    test.server.say({ type: 'connected', project: 'p' })
    expect(test.server.messages.slice(1)).toMatchObject([{ id: 1, op: 'read' }, { id: 2, op: 'write', ifMatch: 'v1' }])
    test.server.say({ id: 2, ok: true, entry: 'written' })
    test.server.say({ id: 1, ok: true, entry: 'read' })
    expect([await read, await write]).toMatchObject([{ entry: 'read' }, { entry: 'written' }])
  })

  it.each([
    ['move', { path: 'a', to: 'b' }], ['delete', { path: 'a' }], ['mkdir', { path: 'a' }], ['write', { path: 'a', content: '' }]
  ] as const)('rejects a %s that may have been done when the connection was lost', async (op, fields) => {
    const test = openConnected()
    const asked = test.connection.request(op, fields as never)
    test.server.drop()
    await expect(asked).rejects.toMatchObject({ code: 'DISCONNECTED' })
    vi.advanceTimersByTime(125)
    test.server.say({ type: 'connected', project: 'p' })
    expect(test.server.messages).toEqual([{ type: 'watch', path: '/', recursive: true }])
  })

  it('keeps what is asked for without a connection for fifteen seconds', async () => {
    const test = open({ isVisible: () => false })
    const early = test.connection.request('mkdir', { path: 'a' })
    test.server.say({ type: 'connected', project: 'p' })
    expect(test.server.messages.at(-1)).toEqual({ id: 1, op: 'mkdir', path: 'a' })
    test.server.say({ id: 1, ok: true })
    expect(await early).toMatchObject({ ok: true })
    test.server.drop()
    const late = test.connection.request('mkdir', { path: 'b' }).catch((error: unknown) => error)
    vi.advanceTimersByTime(14_999)
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(1)
    expect(await late).toMatchObject({ code: 'DISCONNECTED' })
  })

  it('gives up what waits when the server refuses', async () => {
    const test = openConnected()
    const asked = test.connection.request('stat', { path: 'a' })
    test.server.drop(4401)
    await expect(asked).rejects.toMatchObject({ code: 'DISCONNECTED' })
  })

  it('never takes a dead connection\'s word for it', async () => {
    const test = openConnected()
    const dead = test.server
    const asked = test.connection.request('stat', { path: 'a' })
    vi.advanceTimersByTime(10_000)
    expect(test.states.at(-1)?.name).toBe('reconnecting')
    vi.advanceTimersByTime(125)
    test.server.say({ type: 'connected', project: 'p' })
    dead.say({ id: 1, ok: true, entry: 'late' })
    dead.drop(4401)
    test.server.say({ id: 1, ok: true, entry: 'of a' })
    expect(await asked).toMatchObject({ entry: 'of a' })
    expect(test.state).toEqual({ name: 'connected' })
  })

  it('lets a request take its time as long as the server lives', async () => {
    const test = openConnected()
    const asked = test.connection.request('move', { path: 'large', to: 'b' })
    for (let seconds = 0; seconds < 60; seconds += 5) {
      vi.advanceTimersByTime(5_000)
      if (test.server.messages.at(-1)?.['type'] === 'ping') test.server.say({ type: 'pong' })
    }
    test.server.say({ id: 1, ok: true })
    expect(await asked).toMatchObject({ ok: true })
    expect(test.connections).toBe(1)
  })

  it('sends no more at once than the server reads on with', async () => {
    const test = openConnected()
    const requests = Array.from({ length: 20 }, async (_, index) => await test.connection.request('stat', { path: String(index) }))
    expect(test.server.messages).toHaveLength(1 + 12)
    for (let id = 1; id <= 20; id++) test.server.say({ id, ok: true })
    expect(await Promise.all(requests)).toHaveLength(20)
    expect(test.server.messages.slice(1).map(({ path }) => path)).toEqual(Array.from({ length: 20 }, (_, index) => String(index)))
  })

  it('leaves no timer, no socket and no question open when it is closed', async () => {
    const test = openConnected()
    const asked = test.connection.request('stat', { path: 'a' })
    test.connection.close()
    await expect(asked).rejects.toMatchObject({ code: 'DISCONNECTED' })
    expect([vi.getTimerCount(), test.server.isClosed]).toEqual([0, true])
    test.server.drop(1000)
    expect(test.state).toEqual({ name: 'connected' })
  })

  it('passes on what the server tells, and nothing that is no message of its protocol', () => {
    const { notices, server } = openConnected()
    const change = { type: 'change', watch: '/', kind: 'moved', path: 'a', to: 'b', entryType: 'file' }
    for (const message of ['{', '1', 'null', { type: 'change', kind: 'moved', path: 'a', entryType: 'file' }, { type: 'later' }, { type: 'overflow' }]) server.say(message)
    for (const message of [change, { type: 'overflow', path: '/' }]) server.say(message)
    expect(notices.slice(1)).toEqual([change, { type: 'overflow', path: '/' }])
  })

  it('waits longer after each failure, two seconds at least for a busy server, and says so', () => {
    const test = open()
    test.server.drop()
    expect(test.state).toEqual({ name: 'reconnecting', delayMs: 125 })
    vi.runOnlyPendingTimers()
    test.server.drop()
    expect(test.state).toEqual({ name: 'reconnecting', delayMs: 250 })
    vi.runOnlyPendingTimers()
    test.server.say({ type: 'error', code: 'SHUTTING_DOWN', message: 'The server restarts' })
    test.server.drop(1013)
    expect(test.state).toEqual({ name: 'reconnecting', delayMs: 2000, reason: 'The server restarts' })
    expect(test.states.slice(-1).map(describeConnection)).toEqual(['The server restarts. Next attempt in 2 s'])
  })

  it('does not try while nobody looks, and once when somebody does', () => {
    let visible = false
    const test = open({ isVisible: () => visible })
    test.server.drop()
    vi.advanceTimersByTime(60_000)
    expect(test.connections).toBe(1)
    visible = true
    test.connection.wake()
    test.connection.wake()
    test.server.say({ type: 'connected', project: 'p' })
    vi.advanceTimersByTime(10_000)
    expect(test.connections).toBe(2)
  })

  it('probes a connection that seems well when it is woken', () => {
    const { connection, server } = openConnected()
    connection.wake()
    expect(server.messages.at(-1)).toEqual({ type: 'ping' })
  })

  it.each([
    [1008, 'The server ended the connection because of what it was sent.'],
    [4401, 'You are not signed in.'],
    [4404, 'There is no such project, or it is not yours.']
  ])('stays away after close code %i until somebody wants it', (closeCode, message) => {
    const test = openConnected()
    test.server.drop(closeCode)
    vi.advanceTimersByTime(60_000)
    expect(test.state).toEqual({ name: 'refused', closeCode, message })
    expect(test.connections).toBe(1)
    test.connection.restart()
    test.server.say({ type: 'connected', project: 'p' })
    expect(test.state).toEqual({ name: 'connected' })
  })
})
