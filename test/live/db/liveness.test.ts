import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createLiveness } from '../../../src/db/liveness.ts'
import { migrateDatabase } from '../../../src/db/migrate.ts'
import { startDatabaseServer } from '../../support/test-database.ts'
import { waitFor } from '../../support/wait-for.ts'

let server: Awaited<ReturnType<typeof startDatabaseServer>>
beforeAll(async () => {
  server = await startDatabaseServer()
  await migrateDatabase({ url: server.url }, path.join(import.meta.dirname, '../../../migrations'))
})
afterAll(async () => await server.stop())

const createServer = () => createLiveness({ url: server.url }, { serverId: randomUUID(), onError: () => undefined })

it('a server is alive from its start to its end, and after it has lost the database for a while', async () => {
  const [one, two] = [createServer(), createServer()]
  one.start()
  await waitFor('the first to know itself', async () => (await one.look()).has(one.serverId))
  const alone = await one.look()
  expect(alone.has(two.serverId)).toBe(false)
  expect(alone.has('nonsense from a guest')).toBe(false)

  two.start()
  await waitFor('the first to see the second', async () => (await one.look()).has(two.serverId))
  expect((await one.look()).fingerprint).not.toBe(alone.fingerprint)
  await two.stop()
  await waitFor('the first to miss the second', async () => !(await one.look()).has(two.serverId))
  // Whoever did not look meanwhile still sees that somebody was there.
  expect((await one.look()).fingerprint).not.toBe(alone.fingerprint)

  await server.proxy.close()
  await expect(one.look()).rejects.toThrow()
  await server.proxy.listen()
  await waitFor('the first to be alive again', async () => await one.look().then((living) => living.has(one.serverId), () => false))
  await one.stop()
})
