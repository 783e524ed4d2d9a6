import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deleteOldAuditEvents } from '../../../src/auth/audit/repo.ts'
import { auditEvents } from '../../../src/db/schema/index.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startBerth, type Berth } from '../support/berth.ts'
import { signUp, withKey, type Client } from '../support/client.ts'
import { noLanguages } from '../support/no-languages.ts'

interface Page { events: Array<{ id: string, action: string, userId: string | null, subject: string | null }>, nextCursor: string | null, code?: string }

let berth: Berth
let admin: Client
beforeAll(async () => {
  berth = await startBerth({}, { catalogue: noLanguages })
  admin = withKey(berth.origin, berth.key)
})
afterAll(async () => await berth.stop())

const list = async (query = ''): Promise<Page> => (await admin.call<Page>('GET', `/api/audit${query}`)).body

describe('the audit', () => {
  it('tells administrators who did what, by page and by filter, and nobody else', async () => {
    const user = await signUp(berth.origin)
    const { body: key } = await user.call<{ id: string }>('POST', '/auth/keys', { name: 'k' })
    await user.call('DELETE', `/auth/keys/${key.id}`)
    await waitFor('the events to be written', async () => (await list(`?subject=${key.id}`)).events.length === 2)
    expect((await list(`?userId=${user.user.id}`)).events.map(({ action }) => action)).toEqual(['key.delete', 'key.create', 'user.sign-up'])
    const first = await list(`?subject=${key.id}&limit=1`)
    expect(first.events[0]?.action).toBe('key.delete')
    expect(await list(`?subject=${key.id}&limit=1&cursor=${first.nextCursor}`)).toMatchObject({ events: [{ action: 'key.create' }], nextCursor: null })
    expect((await list('?action=key.create&until=2020-01-01T00:00:00Z')).events).toEqual([])
    expect((await list('?cursor=x')).code).toBe('VALIDATION_FAILED')
    expect((await user.call('GET', '/api/audit')).body.code).toBe('ADMIN_ONLY')
  })

  it('forgets what is too old, a batch at a time', async () => {
    await berth.app.db.insert(auditEvents).values([1, 2, 3].map(() => ({ userId: null, action: 'test.old', createdAt: new Date('2020-01-01') })))
    const before = new Date('2021-01-01')
    expect(await deleteOldAuditEvents(berth.app.db, { before, most: 1_000_000 }, 2)).toBe(2)
    expect(await deleteOldAuditEvents(berth.app.db, { before, most: 1_000_000 }, 2)).toBe(1)
    expect(await berth.app.db.$count(auditEvents, sql`created_at < ${before.toISOString()}::timestamptz`)).toBe(0)
  })

  it('keeps so many and no more, the newest', async () => {
    await berth.app.db.insert(auditEvents).values(['first', 'second', 'third'].map((subject) => ({ userId: null, action: 'test.many', subject })))
    while (await deleteOldAuditEvents(berth.app.db, { before: new Date(0), most: 2 }, 100) > 0);
    expect((await list()).events.map(({ subject }) => subject)).toEqual(['third', 'second'])
  })
})
