import { sql } from 'drizzle-orm'
import { expect, inject, it } from 'vitest'
import { openDatabase } from '../../../src/db/open.ts'
import { createDatabase } from '../../support/test-database.ts'

it('queries wait for a connection longer than for one that is dialled', async () => {
  const database = await createDatabase(inject('databaseServerUrl'))
  const { db, close } = openDatabase({ url: database.url })
  // As many as there are connections, and then some, each longer than dialling may take.
  const answers = await Promise.all(Array.from({ length: 15 }, async (_, i) => (await db.execute<{ answer: number }>(sql`select ${i}::int as answer from pg_sleep(3.5)`)).rows[0]?.answer))
  expect(answers).toEqual(Array.from({ length: 15 }, (_, i) => i))
  await close()
  await database.drop()
})
