import { randomBytes, randomUUID } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLastUsed } from '../../../src/auth/keys/last-used.ts'
import { touchKeys } from '../../../src/auth/keys/repo.ts'
import { isDatabaseUnavailable } from '../../../src/db/errors.ts'
import { openDatabase, type OpenedDatabase } from '../../../src/db/open.ts'
import { apiKeys, users } from '../../../src/db/schema/index.ts'
import { createDatabase, startDatabaseServer } from '../../support/test-database.ts'
import { waitFor } from '../../support/wait-for.ts'

let server: Awaited<ReturnType<typeof startDatabaseServer>>
let database: Awaited<ReturnType<typeof createDatabase>>
let opened: OpenedDatabase

beforeAll(async () => {
  server = await startDatabaseServer()
  database = await createDatabase(server.url)
  opened = openDatabase({ url: database.url })
})
afterAll(async () => {
  await opened.close()
  await database.drop()
  await server.stop()
})

describe('a connection that is lost', () => {
  it('as a transaction begins fails that transaction alone, as something that passes, and is none of the pool\'s any more', async () => {
    const { db } = opened
    const ask = async (): Promise<unknown> => await db.transaction(async (transaction) => (await transaction.execute<{ one: number }>(sql`select 1 as one`)).rows[0]?.one)
    expect(await ask()).toBe(1)
    server.proxy.cutAt('begin')
    // More often than there are connections: each that is kept would be missing then.
    for (let count = 0; count < 12; count++) expect(isDatabaseUnavailable(await ask().catch((error: unknown) => error))).toBe(true)
    server.proxy.cutAt(undefined)
    expect(await Promise.all(Array.from({ length: 20 }, ask))).toEqual(Array.from({ length: 20 }, () => 1))
  })

  it('as a transaction is committed has written all of it or nothing', async () => {
    const { db } = opened
    const email = `${randomUUID()}@example.org`
    server.proxy.cutAt('commit')
    const failure: unknown = await db.transaction(async (transaction) => { await transaction.insert(users).values({ email, role: 'user' }) }).catch((error: unknown) => error)
    server.proxy.cutAt(undefined)
    expect(isDatabaseUnavailable(failure)).toBe(true)
    expect(await db.select().from(users).where(eq(users.email, email))).toEqual([])
  })
})

describe('when a key was last used', () => {
  it('is written when the database is there again, also if it had vanished in the middle', async () => {
    const { db } = opened
    const [user] = await db.insert(users).values({ email: `${randomUUID()}@example.org`, role: 'user' }).returning()
    const [key] = await db.insert(apiKeys).values({ userId: user?.id ?? '', name: 'test', hash: randomBytes(32), prefix: 'brt_test' }).returning()
    const errors: unknown[] = []
    const lastUsed = createLastUsed({ write: async (uses) => await touchKeys(db, uses), onError: (error) => void errors.push(error) })
    server.proxy.pause()
    lastUsed.note(key?.id ?? '')
    lastUsed.start()
    await waitFor('it to be written to nobody', () => server.proxy.swallowedBytes() > 0)
    server.proxy.resume()
    await server.proxy.close()
    await server.proxy.listen()
    await waitFor('the loss to be noticed', () => errors.length === 1)
    await lastUsed.stop()
    const [written] = await db.select({ lastUsedAt: apiKeys.lastUsedAt }).from(apiKeys).where(eq(apiKeys.id, key?.id ?? ''))
    expect(written?.lastUsedAt).toBeInstanceOf(Date)
    expect(errors).toHaveLength(1)
  })
})
