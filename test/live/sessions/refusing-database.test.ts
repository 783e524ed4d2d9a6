import { inject, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openClient } from '../../../src/db/open.ts'
import { auditEvents } from '../../../src/db/schema/index.ts'
import { createDatabase } from '../../support/test-database.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startBerth, type Berth } from '../support/berth.ts'

const RUNS = 5

let database: Awaited<ReturnType<typeof createDatabase>>
let administrator: ReturnType<typeof openClient>
let berth: Berth
beforeEach(async () => {
  database = await createDatabase(inject('databaseServerUrl'))
  administrator = openClient({ url: inject('databaseServerUrl') }, { max: 1 })
  berth = await startBerth({ DATABASE_URL: database.url, RUNTIMES: 'python', LOG_LEVEL: 'silent' })
})
afterEach(async () => {
  await berth.stop()
  await administrator.end()
  await database.drop()
})

const nameOf = (url: string): string => new URL(url).pathname.slice(1)

/** New connections take the setting, so those that there are must go. */
async function setReadOnly (isReadOnly: boolean): Promise<void> {
  const name = nameOf(database.url)
  await administrator.unsafe(`alter database ${name} set default_transaction_read_only = ${isReadOnly ? 'on' : 'off'}`)
  await administrator.unsafe(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`)
}

/** One that goes on meanwhile, so that its lease has to be kept. */
async function beginSession (): Promise<string> {
  const response = await berth.post({ language: 'python', interactive: true, code: 'print("begun", flush=True)\nprint("got", input())' })
  const { sessionId } = await response.json() as { sessionId: string }
  await waitFor('the session to be recorded', async () => (await (await berth.get(`/api/sessions/${sessionId}/logs`)).text()).includes('begun'))
  return sessionId
}

async function answer (sessionId: string): Promise<void> {
  const response = await fetch(`${berth.origin}/api/sessions/${sessionId}/messages`, {
    method: 'POST', headers: { 'X-API-Key': berth.key, 'Content-Type': 'application/json' }, body: JSON.stringify({ type: 'input', data: 'it\n' })
  })
  expect(response.status).toBe(204)
}

async function expectAllRecorded (sessionIds: string[], interactive: string): Promise<void> {
  for (const id of [...sessionIds, interactive]) {
    const session = await waitFor(`the record of ${id}`, async () => {
      const response = await berth.get(`/api/sessions/${id}`)
      const body = await response.json() as { status: string }
      return response.status === 200 && body.status === 'completed' && body
    }, 30_000)
    expect(session.status).toBe('completed')
  }
  expect(await (await berth.get(`/api/sessions/${interactive}/logs`)).text()).toContain('got it')
  const finished = await waitFor('the audit log', async () => {
    const subjects = (await berth.app.db.select().from(auditEvents)).filter(({ action }) => action === 'run.finish').map(({ subject }) => subject)
    return subjects.length >= RUNS + 1 && subjects
  }, 30_000)
  expect(finished.sort()).toEqual([...sessionIds, interactive].sort())
}

async function runSome (): Promise<string[]> {
  const ids: string[] = []
  for (let i = 0; i < RUNS; i++) ids.push((await berth.execute({ language: 'python', code: `print(${i})` })).sessionId)
  return ids
}

describe('a database that refuses for a moment loses nothing', () => {
  it('because it has become read-only', async () => {
    const interactive = await beginSession()
    await setReadOnly(true)
    const ids = await waitFor('runs to go on', async () => await runSome().catch(() => undefined))
    await answer(interactive)
    await waitFor('a refusal', async () => (await berth.get(`/api/sessions/${interactive}`)).status === 503)
    await setReadOnly(false)
    await expectAllRecorded(ids, interactive)
  }, 90_000)

  it('because somebody has locked the tables', async () => {
    const interactive = await beginSession()
    const locking = openClient({ url: database.url }, { max: 1 })
    await locking.unsafe('begin')
    await locking.unsafe('lock table backend_execution_sessions, audit_events in exclusive mode')
    const ids = await runSome()
    await answer(interactive)
    // What waits for the lock is cancelled, and tried again.
    await waitFor('a write that waits', async () => (await locking.unsafe('select 1 from pg_locks where not granted')).length > 0)
    await locking.unsafe('commit')
    await locking.end()
    await expectAllRecorded(ids, interactive)
  }, 90_000)
})
