import { execFileSync } from 'node:child_process'
import { chownSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { openClient, type DatabaseClient } from '../../../src/db/client.ts'
import { auditEvents } from '../../../src/db/schema/index.ts'
import { createDatabase } from '../../support/test-database.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startBerth, type Berth } from '../support/berth.ts'

/** A database on a disk of its own, which a test can fill. */
const disk = mkdtempSync(path.join(tmpdir(), 'berth-small-disk-'))
const filler = path.join(disk, 'filler')
const tablespace = `small_${path.basename(disk).slice(-6).toLowerCase()}`

let database: Awaited<ReturnType<typeof createDatabase>>
/** Connections that are there before a refusal. */
let admin: DatabaseClient
let locker: DatabaseClient
let berth: Berth

beforeAll(async () => {
  const server = openClient({ url: inject('databaseServerUrl') })
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m,mode=0755', 'berth-small-disk', disk])
  const [directory] = await server.query<{ data_directory: string }>('show data_directory')
  const location = path.join(disk, 'database')
  mkdirSync(location, { mode: 0o700 })
  chownSync(location, statSync(directory?.data_directory ?? '').uid, -1)
  await server.query(`create tablespace ${tablespace} location '${location}'`)
  database = await createDatabase(inject('databaseServerUrl'), tablespace)
  await server.end()
  admin = openClient({ url: database.url })
  locker = openClient({ url: database.url })
  berth = await startBerth({ DATABASE_URL: database.url, LOG_LEVEL: 'silent', RUNTIMES: 'python' })
  // The key and the user are known by heart from here on.
  await berth.execute({ language: 'python', code: '1' })
})
afterAll(async () => {
  await berth.stop()
  await admin.end()
  await locker.end()
  await database.drop()
  const server = openClient({ url: inject('databaseServerUrl') })
  await server.query(`drop tablespace ${tablespace}`)
  await server.end()
  execFileSync('umount', [disk])
  rmSync(disk, { recursive: true })
})

const name = (): string => new URL(database.url).pathname.slice(1)
async function endOthers (): Promise<void> {
  await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()')
}
/** As somebody who comes now: what hardly packs, so that it needs pages of its own. */
async function insertLarge (): Promise<void> {
  const client = openClient({ url: database.url })
  try {
    await client.query("create table probe as select string_agg(gen_random_uuid()::text, '') from generate_series(1, 30000)")
  } finally {
    await client.end()
  }
}

/** Ways to refuse every write for a while, each with how it ends. */
const refusals: Array<[string, () => Promise<() => Promise<void>>]> = [
  ['is read only, as after a failover', async () => {
    await admin.query(`alter database ${name()} set default_transaction_read_only = on`)
    await endOthers()
    await expect(insertLarge()).rejects.toMatchObject({ code: '25006' })
    return async () => {
      await admin.query(`alter database ${name()} reset default_transaction_read_only`)
      await endOthers()
    }
  }],
  ['has a full disk', async () => {
    expect(() => writeFileSync(filler, Buffer.alloc(64 * 1024 ** 2))).toThrow('ENOSPC')
    await expect(insertLarge()).rejects.toMatchObject({ code: '53100' })
    return async () => rmSync(filler)
  }],
  ['has its tables locked', async () => {
    await locker.query('begin')
    await locker.query('lock table backend_execution_sessions, execution_logs, audit_events in access exclusive mode')
    return async () => void await locker.query('rollback')
  }]
]

describe('a database that refuses writes for a while', () => {
  it.each(refusals)('and %s, loses no run and no audit row', async (what, refuse) => {
    const [before] = await admin.query<{ count: number }>('select xact_rollback::int as count from pg_stat_database where datname = current_database()')
    const heal = await refuse()
    const run = await berth.execute({ language: 'python', code: 'import os\nprint(os.urandom(150_000).hex())' })
    expect(run).toMatchObject({ status: 'completed' })
    berth.app.audit({ action: 'test.refusal', userId: null, subject: what })
    await waitFor('Berth to have been refused, or to wait', async () => {
      const [now] = await admin.query<{ refused: boolean }>(`
        select (select xact_rollback from pg_stat_database where datname = current_database()) > $1
          or exists (select from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())) as refused`, [before?.count])
      return now?.refused
    })
    await heal()
    await waitFor('the run\'s record', async () => {
      const response = await berth.get(`/api/sessions/${run.sessionId}`)
      return response.status === 200 && (await response.json() as { status: string }).status === 'completed'
    })
    const { logs } = await (await berth.get(`/api/sessions/${run.sessionId}/logs`)).json() as { logs: Array<{ data: string }> }
    expect(logs.map(({ data }) => data).join('')).toBe(run.output)
    await waitFor('the audit row', async () =>
      (await berth.app.db.select().from(auditEvents).where(eq(auditEvents.action, 'test.refusal'))).some(({ subject }) => subject === what))
  })
})
