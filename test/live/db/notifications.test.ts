import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createLiveness } from '../../../src/db/liveness.ts'
import { migrateDatabase } from '../../../src/db/migrate.ts'
import { createNotifications, notify } from '../../../src/db/notifications.ts'
import { openDatabase } from '../../../src/db/open.ts'
import { IDLE_SESSION_MS } from '../../../src/db/session-limits.ts'
import { startDatabaseProxy } from '../../support/database-proxy.ts'
import { startDatabaseServer } from '../../support/test-database.ts'
import { waitFor } from '../../support/wait-for.ts'

let server: Awaited<ReturnType<typeof startDatabaseServer>>
beforeAll(async () => {
  server = await startDatabaseServer()
  await migrateDatabase({ url: server.url }, path.join(import.meta.dirname, '../../../migrations'))
})
afterAll(async () => await server.stop())

it('whoever could not catch up is asked again, and keeps nobody else from it', async () => {
  const errors: unknown[] = []
  const notifications = createNotifications({ url: server.url }, { onError: (error) => errors.push(error) })
  const { db, close } = openDatabase({ url: server.url })
  const heard: string[] = []
  let attempts = 0
  let isRefusing = true
  notifications.subscribe('one', {
    onMessage: (payload) => heard.push(`first ${payload}`),
    onLost: () => heard.push('lost'),
    onListening: async () => {
      attempts++
      if (isRefusing) throw new Error('the pool is still dialling')
    }
  })
  let others = 0
  notifications.subscribe('one', { onMessage: (payload) => heard.push(`second ${payload}`), onLost: () => undefined, onListening: async () => { others++ } })
  notifications.subscribe('two', { onMessage: () => undefined, onLost: () => undefined, onListening: async () => { others++ } })
  notifications.start()
  await waitFor('a second attempt', () => attempts >= 2)
  expect([others, notifications.isListening(), errors.length > 0]).toEqual([2, false, true])
  isRefusing = false
  await waitFor('all to have caught up', () => notifications.isListening())
  await notify(db, 'one', 'hello')
  await waitFor('both to hear', () => heard.length === 2)
  expect(heard.sort()).toEqual(['first hello', 'second hello'])

  await server.proxy.close()
  await waitFor('the loss to be told', () => heard.includes('lost'))
  expect(notifications.isListening()).toBe(false)
  await server.proxy.listen()
  await waitFor('all to have caught up again', () => notifications.isListening())
  expect(others).toBe(4)
  await notifications.stop()
  await close()
})

it('a server whose network is gone is dead to the others when its session has been silent for long enough', async () => {
  const cut = await startDatabaseProxy(server.socketPath)
  const url = new URL(server.url)
  url.port = String(cut.port)
  const lost = createLiveness({ url: url.href }, { serverId: randomUUID(), onError: () => undefined })
  const other = createLiveness({ url: server.url }, { serverId: randomUUID(), onError: () => undefined })
  lost.start()
  await waitFor('it to be alive', async () => (await other.look()).has(lost.serverId))
  cut.pause()
  await waitFor('it to be dead', async () => !(await other.look()).has(lost.serverId), IDLE_SESSION_MS + 10_000)
  await cut.close()
  await lost.stop()
  await other.stop()
})

it('PostgreSQL asks whether the other machine is still there, on every connection', async () => {
  const { db, close } = openDatabase({ url: server.url })
  // The settings count for TCP alone, and the test's server has a unix socket: what was asked for is seen in their source.
  const { rows } = await db.execute<{ name: string, source: string }>(sql`select name, source from pg_settings where name like 'tcp_keepalives_%' order by name`)
  expect([...rows].map(({ name, source }) => `${name} ${source}`)).toEqual(['tcp_keepalives_count client', 'tcp_keepalives_idle client', 'tcp_keepalives_interval client'])
  await close()
})
