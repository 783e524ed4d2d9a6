import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deleteOldAuditEvents } from '../../../src/auth/audit/repo.ts'
import { auditEvents } from '../../../src/db/schema/index.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startBerth, type Berth } from '../support/berth.ts'
import { signUp, withKey, type Client } from '../support/client.ts'
import { noLanguages } from '../support/no-languages.ts'

interface Page { events: Array<{ id: string, action: string, userId: string | null, subject: string | null, details: { n: number } }>, nextCursor: string | null, code?: string }

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
    expect((await user.call('GET', '/api/audit')).body.code).toBe('ADMIN_ONLY')
  })

  it('is whole by pages of any filter, also of events of the same moment', async () => {
    const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute))
    const { user: { id: userId } } = await signUp(berth.origin)
    await berth.app.db.insert(auditEvents).values(Array.from({ length: 12 }, (_, n) => ({ userId: n % 2 === 0 ? userId : null, action: n < 6 ? 'test.first' : 'test.second', subject: `subject ${n % 3}`, details: { n }, createdAt: at(Math.floor(n / 4)) })))
    const pages = async (query: string): Promise<number[]> => {
      const numbers: number[] = []
      let cursor: string | null = ''
      while (cursor !== null) {
        const page: Page = await list(`?limit=2&since=${at(0).toISOString()}&until=${at(60).toISOString()}&${query}${cursor === '' ? '' : `&cursor=${cursor}`}`)
        numbers.push(...page.events.map(({ details }) => details.n))
        cursor = page.nextCursor
      }
      return numbers
    }
    expect(await pages('')).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0])
    expect(await pages(`userId=${userId}`)).toEqual([10, 8, 6, 4, 2, 0])
    expect(await pages('action=test.first')).toEqual([5, 4, 3, 2, 1, 0])
    expect(await pages('subject=subject%201')).toEqual([10, 7, 4, 1])
    expect(await pages(`userId=${userId}&action=test.second&subject=subject%200`)).toEqual([6])
    const between = await list(`?since=${at(1).toISOString()}&until=${at(2).toISOString()}`)
    expect(between.events.map(({ details }) => details.n)).toEqual([7, 6, 5, 4])
  })

  it.each(['cursor=x', 'cursor=5', 'cursor=1-2-3', 'cursor=-1', `cursor=${'9'.repeat(14)}-1`, 'subject=%00x', 'action=a%0Ab', 'userId=me', 'action=', 'subject=', 'since=yesterday', 'until=2016-12-31T23:59:60Z', 'limit=0', 'limit=101', 'limit=x', 'by=me'])('is not asked for by %s', async (query) => {
    expect((await list(`?${query}`)).code).toMatch(/^(VALIDATION_FAILED|BAD_REQUEST)$/)
  })

  it.each(['cursor=9999999999999-999999999999999', 'since=9999-12-31T23:59:59Z', 'until=0001-01-01T00:00:00Z', 'subject=%27%20or%20true%20--'])('is asked for by %s, of which there is nothing or all', async (query) => {
    expect((await list(`?${query}`)).code).toBeUndefined()
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
