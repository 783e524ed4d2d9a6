import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { migrateDatabase } from '../../../src/db/migrate.ts'
import { openDatabase, type OpenedDatabase } from '../../../src/db/open.ts'
import { executionLogs, executionSessions, users } from '../../../src/db/schema/index.ts'
import { createRetentionLoop } from '../../../src/runtime/runs/housekeeping.ts'
import { endAbandoned, listLogs, renewLeases, saveSessions, type LogRow, type SessionRow } from '../../../src/runtime/runs/repo.ts'
import { createDatabase } from '../../support/test-database.ts'
import { root } from '../support/berth.ts'

let database: Awaited<ReturnType<typeof createDatabase>>
let opened: OpenedDatabase
let userId: string
const host = { instanceId: 'here', bootId: randomUUID() }
const nobody = { sessions: [], logs: [], uncertain: [] }

beforeAll(async () => {
  database = await createDatabase(inject('databaseServerUrl'))
  await migrateDatabase({ url: database.url }, path.join(root, 'migrations'))
  opened = openDatabase({ url: database.url })
  const [user] = await opened.db.insert(users).values({ role: 'user', email: 'a@example.test', passwordHash: 'x' }).returning()
  userId = user?.id ?? ''
})
afterAll(async () => {
  await opened.close()
  await database.drop()
})
beforeEach(async () => await opened.db.delete(executionSessions).then(() => undefined))

function session (given: Partial<SessionRow> = {}): SessionRow {
  return {
    id: randomUUID(),
    userId,
    language: 'python',
    version: '3.13.5',
    isInteractive: false,
    status: 'running',
    message: null,
    exitCode: null,
    signal: null,
    executionTime: null,
    cpuTime: null,
    memory: null,
    result: null,
    isLogTruncated: false,
    bytes: 1_024,
    createdAt: new Date(),
    startedAt: null,
    finishedAt: null,
    ...given
  }
}

const log = (sessionId: string, seq: number, ...pieces: string[]): LogRow =>
  ({ sessionId, seq, stage: 'run', stream: 'stdout', data: Buffer.from(pieces.join('')), lengths: pieces.map((piece) => Buffer.byteLength(piece)) })

const statusOf = async (id: string) => (await opened.db.select().from(executionSessions).where(eq(executionSessions.id, id)))[0]?.status

describe('writing sessions', () => {
  it('replaces what may have arrived already when it is not known', async () => {
    const row = session()
    await saveSessions(opened.db, host, { ...nobody, sessions: [row], logs: [log(row.id, 2, 'a', 'b')] })
    await saveSessions(opened.db, host, { sessions: [{ ...row, status: 'completed', finishedAt: new Date() }], logs: [log(row.id, 3, 'a', 'b', 'c')], uncertain: [{ sessionId: row.id, seq: 0 }] })
    const rows = await listLogs(opened.db, row.id, 0, 10)
    expect(rows.map(({ seq, data, lengths }) => [seq, data.toString(), lengths])).toEqual([[3, 'abc', [1, 1, 1]]])
    expect(await statusOf(row.id)).toBe('completed')
  })

  it('takes more rows than one statement has parameters for', async () => {
    const row = session()
    await saveSessions(opened.db, host, { ...nobody, sessions: [row], logs: Array.from({ length: 12_000 }, (_, i) => log(row.id, i + 1, 'x')) })
    expect(await opened.db.$count(executionLogs)).toBe(12_000)
  })
})

describe('sessions that nobody runs', () => {
  it('are those of this server\'s earlier lives, and those whose lease has run out', async () => {
    const [ours, earlier, others, silent] = [session(), session(), session(), session()]
    await saveSessions(opened.db, host, { ...nobody, sessions: [ours] })
    await saveSessions(opened.db, { ...host, bootId: randomUUID() }, { ...nobody, sessions: [earlier] })
    await saveSessions(opened.db, { instanceId: 'there', bootId: randomUUID() }, { ...nobody, sessions: [others, silent] })
    await opened.db.update(executionSessions).set({ leaseExpiresAt: sql`now() - interval '1 second'` }).where(eq(executionSessions.id, silent.id))
    expect((await endAbandoned(opened.db, host, 'gone')).sort()).toEqual([earlier.id, silent.id].sort())
    expect(await Promise.all([ours, earlier, others, silent].map(async ({ id }) => await statusOf(id)))).toEqual(['running', 'internal_error', 'running', 'internal_error'])
  })

  it('are not those whose lease is renewed in time', async () => {
    const late = session()
    await saveSessions(opened.db, host, { ...nobody, sessions: [late] })
    await opened.db.update(executionSessions).set({ leaseExpiresAt: sql`now() - interval '1 second'` })
    await renewLeases(opened.db, [late.id])
    expect(await endAbandoned(opened.db, host, 'gone')).toEqual([])
  })
})

const warnings: object[] = []
const retention = (options: Partial<Parameters<typeof createRetentionLoop>[0]> = {}) => createRetentionLoop({
  db: opened.db,
  retentionDays: 30,
  budgetBytes: 2 ** 40,
  writtenBytes: () => 0,
  log: { info: () => undefined, warn: (fields) => warnings.push(fields) },
  ...options
})
const tickRetention = async (): Promise<void> => await retention().tick()

describe('retention', () => {
  it('deletes what is too old with its log, in as many batches as it takes', async () => {
    const day = 86_400_000
    const old = Array.from({ length: 1_100 }, () => session({ status: 'completed', createdAt: new Date(Date.now() - 31 * day), finishedAt: new Date() }))
    const young = session({ createdAt: new Date(Date.now() - 29 * day) })
    await saveSessions(opened.db, host, { ...nobody, sessions: [...old, young], logs: [log(old[0]?.id ?? '', 1, 'old'), log(young.id, 1, 'young')] })
    await tickRetention()
    expect(warnings).toEqual([])
    expect((await opened.db.select().from(executionSessions)).map(({ id }) => id)).toEqual([young.id])
    expect((await opened.db.select().from(executionLogs)).map(({ data }) => data.toString())).toEqual(['young'])
  })
  it('deletes the oldest of those who have most when all is too much, and measures again when there is more', async () => {
    const [other] = await opened.db.insert(users).values({ role: 'user' }).returning()
    const at = (seconds: number) => ({ status: 'completed' as const, bytes: 100_000, createdAt: new Date(1_000 * seconds), finishedAt: new Date() })
    const many = Array.from({ length: 1_200 }, (_, i) => session(at(Date.now() / 1_000 - i)))
    const unfinished = session({ bytes: 100_000, createdAt: new Date(Date.now() - 86_400_000) })
    const few = Array.from({ length: 3 }, (_, i) => session({ ...at(Date.now() / 1_000 - 10_000 - i), userId: other?.id ?? '' }))
    await saveSessions(opened.db, host, { ...nobody, sessions: [...few, ...many.toReversed(), unfinished] })
    let written = 0
    const loop = retention({ budgetBytes: 10_000_000, writtenBytes: () => written })
    warnings.length = 0
    await loop.tick()
    // Nine tenths of the budget: 300 kB of the other, the rest of the one with more, whose newest remain.
    const left = async () => new Set((await opened.db.select().from(executionSessions)).map(({ id }) => id))
    expect(await left()).toEqual(new Set([...few, unfinished, ...many.slice(0, 87)].map(({ id }) => id)))
    expect(warnings).toEqual([{ budgetBytes: 10_000_000 }])

    const more = Array.from({ length: 30 }, (_, i) => session({ ...at(Date.now() / 1_000 + i), bytes: 400_000 }))
    await saveSessions(opened.db, host, { ...nobody, sessions: more })
    written = 400_000
    await loop.tick()
    expect((await left()).size).toBe(4 + 87 + 30)
    written = 600_000
    await loop.tick()
    expect((await left()).size).toBe(4 + 21)
  })
})
