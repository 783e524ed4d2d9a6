import { randomUUID } from 'node:crypto'
import { desc, eq } from 'drizzle-orm'
import { inject, afterAll, beforeAll, describe, expect, it } from 'vitest'
import { apiKeys, auditEvents, users } from '../../../src/db/schema/index.ts'
import { createDatabase } from '../../support/test-database.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startBerth, type Berth } from '../support/berth.ts'
import { createClient, signUp, withCookie, withKey } from '../support/client.ts'
import { noLanguages } from '../support/no-languages.ts'

const API_KEY = `brt_${randomUUID()}`
let database: Awaited<ReturnType<typeof createDatabase>>
let one: Berth
let two: Berth
const start = async (apiKey = API_KEY): Promise<Berth> =>
  await startBerth({ DATABASE_URL: database.url, API_KEY: apiKey, JWT_SECRET: 'the same secret on both of the servers' }, { catalogue: noLanguages })

beforeAll(async () => {
  database = await createDatabase(inject('databaseServerUrl'))
  const servers = await Promise.all([start(), start()])
  one = servers[0]
  two = servers[1]
})
afterAll(async () => {
  await Promise.all([one.stop(), two.stop()])
  await database.drop()
})

const status = async (origin: string, headers: Record<string, string>): Promise<number> => (await createClient(origin, headers).call('GET', '/auth/me')).status

describe('two servers on one empty database', () => {
  it('start at once, migrate once and make one first user with one key', async () => {
    expect(await one.app.db.$count(users)).toBe(1)
    expect(await one.app.db.$count(apiKeys)).toBe(1)
    expect(await Promise.all([one, two].map(async ({ origin }) => await status(origin, { 'X-API-Key': API_KEY })))).toEqual([200, 200])
  })

  it('know each other\'s sessions, and a logout on one is the end on both', async () => {
    const user = await signUp(one.origin)
    const elsewhere = withCookie(two.origin, user.cookie)
    expect((await elsewhere.call('GET', '/auth/me')).status).toBe(200)
    await user.call('POST', '/auth/logout')
    await waitFor('the other server to know', async () => (await elsewhere.call('GET', '/auth/me')).status === 401)
  })

  it('tell each other of a deleted key, sockets that wait for it included', async () => {
    const user = await signUp(one.origin)
    const { body: { id, key } } = await user.call<{ id: string, key: string }>('POST', '/auth/keys', { name: 'shared' })
    expect(await status(two.origin, { 'X-API-Key': key })).toBe(200)
    const revoked = new Promise<void>((resolve) => {
      two.app.auth.onRevoked({ via: 'key', keyId: id, userId: user.user.id, role: 'user', expiresAt: null }, resolve)
    })
    await user.call('DELETE', `/auth/keys/${id}`)
    await revoked
    expect(await status(two.origin, { 'X-API-Key': key })).toBe(401)
  })

  it('hear of what died while the connection for notifications was lost', async () => {
    const user = await signUp(one.origin)
    const { body: { id } } = await user.call<{ id: string }>('POST', '/auth/keys', { name: 'unheard' })
    const revoked = new Promise<void>((resolve) => {
      two.app.auth.onRevoked({ via: 'key', keyId: id, userId: user.user.id, role: 'user', expiresAt: null }, resolve)
    })
    // Deleted behind everybody's back: only the look at what is still watched, after reconnecting, finds it.
    await one.app.db.delete(apiKeys).where(eq(apiKeys.id, id))
    await one.app.db.execute('select pg_terminate_backend(pid) from pg_stat_activity where query like \'%listen%\' and pid <> pg_backend_pid() or query = \'select 1\' and pid <> pg_backend_pid()')
    await revoked
  })

  it('replace the predefined key by that of the server that started last, which kills the old one', async () => {
    const replaced = `brt_${randomUUID()}`
    const three = await start(replaced)
    try {
      expect(await status(one.origin, { 'X-API-Key': replaced })).toBe(200)
      await waitFor('the old key to be dead', async () => await status(two.origin, { 'X-API-Key': API_KEY }) === 401)
      expect(await one.app.db.$count(apiKeys, eq(apiKeys.isPredefined, true))).toBe(1)
    } finally {
      await three.stop()
    }
  })
})

describe('the audit log', () => {
  it('has who signed up, in and out, who failed to, and keys, without their secrets', async () => {
    const user = await signUp(one.origin)
    const { body: { id, key } } = await user.call<{ id: string, key: string }>('POST', '/auth/keys', { name: 'audited' })
    await createClient(one.origin).call('POST', '/auth/signin', { email: user.email, password: 'a wrong password' })
    await createClient(one.origin).call('POST', '/auth/signin', { email: user.email, password: user.password })
    await user.call('DELETE', `/auth/keys/${id}`)
    await user.call('POST', '/auth/logout', undefined, { 'X-Request-ID': 'audited-logout' })
    const events = await waitFor('the events to be written', async () => {
      const rows = await one.app.db.select().from(auditEvents).where(eq(auditEvents.userId, user.user.id)).orderBy(desc(auditEvents.id))
      return rows.length === 6 && rows
    })
    expect(events.map(({ action, subject }) => [action, subject]).reverse()).toEqual([
      ['user.sign-up', null],
      ['key.create', id],
      ['user.sign-in-failed', null],
      ['user.sign-in', null],
      ['key.delete', id],
      ['user.sign-out', null]
    ])
    expect(events[0]).toMatchObject({ requestId: 'audited-logout', ip: '127.0.0.1' })
    const text = JSON.stringify(events)
    for (const secret of [key, user.password, user.cookie, 'a wrong password']) expect(text).not.toContain(secret)
  })

  it('keeps the events of a user who is deleted, without the user', async () => {
    const user = await signUp(one.origin)
    await one.app.db.delete(users).where(eq(users.id, user.user.id))
    one.app.audit({ action: 'test.late', userId: user.user.id, subject: user.user.id })
    const event = await waitFor('the event', async () => (await one.app.db.select().from(auditEvents).where(eq(auditEvents.subject, user.user.id)))[0])
    expect(event.userId).toBe(null)
  })

  it('is written to the end when the server stops', async () => {
    const three = await start()
    const subject = randomUUID()
    three.app.audit({ action: 'test.last', userId: null, subject })
    await three.stop()
    expect(await one.app.db.$count(auditEvents, eq(auditEvents.subject, subject))).toBe(1)
    expect((await withKey(one.origin, API_KEY).call('GET', '/auth/me')).status).toBe(200)
  })
})
