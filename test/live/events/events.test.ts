import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { openEventStream, type EventStream, type SeenEvent } from '../../support/event-stream.ts'
import { createDatabase } from '../../support/test-database.ts'
import { waitFor } from '../../support/wait-for.ts'
import { createPerson, join } from '../members/people.ts'
import { startProjectsBerth, type Berth } from '../projects/berth.ts'
import { signUp, userWithKey, type User } from '../projects/user.ts'

const API_KEY = `brt_${randomUUID()}`
let database: Awaited<ReturnType<typeof createDatabase>>
let one: Berth
let two: Berth
let user: User
let opened: EventStream[] = []

beforeAll(async () => {
  database = await createDatabase(inject('databaseServerUrl'))
  one = await start()
  two = await start()
  user = await signUp(one.origin)
})
afterAll(async () => {
  await Promise.all([one.stop(), two.stop()])
  await database.drop()
})
afterEach(() => {
  for (const stream of opened) stream.close()
  opened = []
})

/** Until it listens to the others, everybody is told to load anew once more. */
async function start (): Promise<Berth> {
  const berth = await startProjectsBerth({ DATABASE_URL: database.url, API_KEY })
  await waitFor('the server to listen', () => berth.app.notifications.isListening())
  return berth
}

async function follow (headers: Record<string, string> = {}, { at = one, as = user, query = '' } = {}): Promise<EventStream> {
  const stream = await openEventStream(`${at.origin}/api/events${query}`, { 'X-API-Key': as.key, ...headers })
  opened.push(stream)
  return stream
}

/** Having loaded what it shows. */
async function ready (...args: Parameters<typeof follow>): Promise<{ stream: EventStream, id: string }> {
  const stream = await follow(...args)
  const first = await stream.next()
  expect(first).toMatchObject({ event: 'reset', data: {} })
  return { stream, id: first?.id ?? '' }
}

const isProject = (action: string, more: object = {}) => ({ event, data }: SeenEvent): boolean => {
  const project = data.project as Record<string, unknown> | undefined
  return event === 'project' && data.action === action && Object.entries(more).every(([name, value]) => project?.[name] === value)
}

describe('events', () => {
  it('tell of projects, on every server, whichever has changed them', async () => {
    const streams = [(await ready()).stream, (await ready({}, { at: two })).stream]
    expect(streams[0]?.headers.get('content-type')).toMatch(/^text\/event-stream/)
    const { id } = await user.createProject({ name: 'grün "x"' })
    await user.start(id)
    await user.call('PATCH', `/projects/${id}`, { name: 'renamed' })
    await user.stop(id)
    await user.remove(id)
    for (const stream of streams) {
      expect(await stream.next()).toMatchObject({ event: 'project', data: { action: 'created', project: { id, name: 'grün "x"', runtime: 'python', status: 'stopped', error: null } } })
      for (const status of ['starting', 'running']) await stream.until(isProject('updated', { status }))
      await stream.until(isProject('updated', { name: 'renamed' }))
      for (const status of ['stopping', 'stopped']) await stream.until(isProject('updated', { status }))
      await stream.until(isProject('deleted', { id }))
    }
  })

  it('do not tell of what happens all the time', async () => {
    const { stream } = await ready()
    const { id } = await user.createProject({ name: 'loud' })
    await user.start(id)
    await stream.until(isProject('updated', { id, status: 'running' }))
    await user.exec(id, 'true')
    await user.call('PATCH', `/projects/${id}`, { name: 'quiet' })
    expect(await stream.next()).toMatchObject({ data: { project: { name: 'quiet' } } })
    await user.remove(id)
  })

  it('tell of snapshots and of clones', async () => {
    const { stream } = await ready()
    const { id } = await user.createProject({ files: [{ path: 'a', content: '1' }] })
    const { body: snapshot } = await user.call<{ id: string }>('POST', `/projects/${id}/snapshots`, { name: 'mine' })
    expect((await stream.until(({ event }) => event === 'snapshot')).data).toMatchObject({ action: 'created', projectId: id, snapshot: { id: snapshot.id, name: 'mine', kind: 'manual' } })
    await user.call('DELETE', `/projects/${id}/snapshots/${snapshot.id}`)
    expect((await stream.until(({ event, data }) => event === 'snapshot' && data.action === 'deleted')).data).toMatchObject({ projectId: id, snapshot: { id: snapshot.id } })
    const { id: cloned } = await user.createProject({ fromGit: { url: 'http://127.0.0.1:1/nowhere' } })
    expect((await stream.until(({ event }) => event === 'clone')).data).toMatchObject({ projectId: cloned, status: 'cloning' })
    expect((await stream.until(({ event }) => event === 'clone')).data).toMatchObject({ projectId: cloned, status: 'failed', error: expect.any(String) })
    for (const project of [id, cloned]) await user.remove(project)
  })

  const isProcess = (action: string, id: string) => ({ event, data }: SeenEvent): boolean => event === 'process' && data.action === action && (data.process as { id: string }).id === id

  it('tell of processes on every server, with how they have ended, also to those who may only look', async () => {
    const viewer = await createPerson(one.origin)
    const { id } = await user.createProject()
    await join(user, id, viewer, 'viewer')
    const streams = [(await ready({}, { as: viewer })).stream, (await ready({}, { at: two })).stream]
    const start = async (body: object): Promise<string> => (await user.call<{ id: string }>('POST', `/projects/${id}/processes`, body)).body.id
    const failing = await start({ cmd: 'while [ ! -e go ]; do sleep 0.05; done; exit 3', name: 'failing' })
    for (const stream of streams) {
      expect((await stream.until(isProcess('started', failing))).data).toEqual({
        projectId: id, action: 'started',
        process: { id: failing, name: 'failing', keep: false, hasTerminal: false, status: 'running', exitCode: null, signal: null, startedAt: expect.any(String), endedAt: null, restarts: 0 }
      })
      await user.exec(id, 'touch go')
      expect((await stream.until(isProcess('ended', failing))).data.process).toMatchObject({ status: 'exited', exitCode: 3, signal: null, endedAt: expect.any(String) })
    }
    const killed = await start({ cmd: 'kill -9 $$' })
    const again = await start({ cmd: 'exec sleep 1000', tty: true })
    for (const stream of streams) {
      expect((await stream.until(isProcess('ended', killed))).data.process).toMatchObject({ exitCode: null, signal: 'SIGKILL' })
      await stream.until(isProcess('started', again))
    }
    await user.call('POST', `/projects/${id}/processes/${again}/restart`, {})
    for (const stream of streams) expect((await stream.until(isProcess('restarted', again))).data.process).toMatchObject({ restarts: 1, hasTerminal: true })
    await user.remove(id)
  })

  it('tell once of processes whose server has died', async () => {
    const three = await start()
    const there = userWithKey(three.origin, user.key)
    const { id } = await user.createProject()
    const { stream } = await ready()
    const { body: process } = await there.call<{ id: string }>('POST', `/projects/${id}/processes`, { cmd: 'while [ ! -e over ]; do sleep 0.05; done; exit 5' })
    await stream.until(isProcess('started', process.id))
    await three.stop()
    await user.exec(id, 'touch over')
    expect((await stream.until(({ event }) => event === 'process')).data).toMatchObject({ action: 'ended', process: { id: process.id, exitCode: 5 } })
    const { body: next } = await user.call<{ id: string }>('POST', `/projects/${id}/processes`, { cmd: 'exec sleep 1000' })
    expect((await stream.until(({ event }) => event === 'process')).data).toMatchObject({ action: 'started', process: { id: next.id } })
    await user.remove(id)
  })

  it('go on behind the last that was seen; from what is gone, or another server\'s, all is loaded anew', async () => {
    const { stream, id: begun } = await ready()
    const { id } = await user.createProject()
    const seen = await stream.until(isProject('created', { id }))
    stream.close()
    await user.call('PATCH', `/projects/${id}`, { name: 'meanwhile' })
    expect(await (await follow({ 'Last-Event-ID': seen.id })).next()).toMatchObject({ data: { project: { name: 'meanwhile' } } })
    expect(await (await follow({ 'Last-Event-ID': begun })).next()).toMatchObject({ data: { action: 'created' } })
    await ready({ 'Last-Event-ID': seen.id }, { at: two })
    await ready({ 'Last-Event-ID': 'x:1' })
    await user.remove(id)
  })

  it('are for whoever may see them', async () => {
    const other = await signUp(one.origin)
    const admin = userWithKey(one.origin, one.key)
    const [mine, everybodys, administrators] = [(await ready({}, { as: other })).stream, (await ready({}, { as: admin, query: '?all=true' })).stream, (await ready({}, { as: admin })).stream]
    const { id } = await user.createProject()
    one.app.events.publish({ type: 'build', data: { image: 'python', state: 'queued', step: null } })
    const { id: others } = await other.createProject()
    expect(await mine.next()).toMatchObject({ event: 'project', data: { project: { id: others } } })
    await everybodys.until(isProject('created', { id }))
    await everybodys.until(({ event, data }) => event === 'build' && data.image === 'python')
    expect(await administrators.next()).toMatchObject({ event: 'build' })
    await user.remove(id)
    await other.remove(others)
  })

  it('of a project are told to its members for as long as they are', async () => {
    const member = await createPerson(one.origin)
    const { id } = await user.createProject()
    const { stream } = await ready({}, { as: member })
    await user.call('PATCH', `/projects/${id}`, { name: 'before' })
    await join(user, id, member, 'viewer')
    await user.call('PATCH', `/projects/${id}`, { name: 'shared' })
    expect(await stream.next()).toMatchObject({ event: 'project', data: { project: { id, name: 'shared' } } })
    await member.call('DELETE', `/projects/${id}/members/${member.id}`)
    await user.call('PATCH', `/projects/${id}`, { name: 'after' })
    const { id: own } = await member.createProject()
    expect(await stream.next()).toMatchObject({ event: 'project', data: { project: { id: own } } })
    await Promise.all([user.remove(id), member.remove(own)])
  })

  it.each<[string, Record<string, string>, string, number, string]>([
    ['without a key', { 'X-API-Key': '' }, '', 401, 'UNAUTHENTICATED'],
    ['of everybody, but for administrators', {}, '?all=true', 403, 'ADMIN_ONLY'],
    ['with a question that it does not know', {}, '?some=1', 400, 'VALIDATION_FAILED'],
    ['behind what is no id', { 'Last-Event-ID': 'x'.repeat(101) }, '', 400, 'VALIDATION_FAILED']
  ])('are not told %s', async (_what, headers, query, status, code) => {
    const stream = await follow(headers, { query })
    expect([stream.status, await stream.json()]).toMatchObject([status, { code }])
  })

  it('end with the key that they were asked for with, and are so many at once', async () => {
    const guest = await signUp(one.origin)
    const streams = await Promise.all(Array.from({ length: 32 }, async () => (await ready({}, { as: guest })).stream))
    const tooMany = await follow({}, { as: guest })
    expect([tooMany.status, await tooMany.json()]).toMatchObject([429, { code: 'STREAM_QUOTA' }])
    streams.pop()?.close()
    await expect.poll(async () => {
      const stream = await follow({}, { as: guest })
      return stream.status
    }, { timeout: 10_000 }).toBe(200)
    const { body: { keys } } = await guest.call<{ keys: Array<{ id: string }> }>('GET', '/auth/keys')
    await guest.call('DELETE', `/auth/keys/${keys[0]?.id ?? ''}`)
    for (const stream of streams) expect(await stream.next()).toBeUndefined()
  })

  it('are loaded anew by everybody when some may have been missed', async () => {
    const { stream, id: begun } = await ready()
    await one.app.db.execute('select pg_terminate_backend(pid) from pg_stat_activity where query like \'%listen%\' and pid <> pg_backend_pid() or query = \'select 1\' and pid <> pg_backend_pid()')
    expect(await stream.next()).toMatchObject({ event: 'reset' })
    await ready({ 'Last-Event-ID': begun })
    const { id } = await user.createProject()
    await stream.until(isProject('created', { id }))
    await user.remove(id)
  })

  it('do not keep a server from closing', async () => {
    const three = await start()
    const { stream } = await ready({}, { at: three })
    await three.stop()
    expect(await stream.next()).toBeUndefined()
  })
})
