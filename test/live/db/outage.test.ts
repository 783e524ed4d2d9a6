import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditEvents } from '../../../src/db/schema/index.ts'
import { startDatabaseServer } from '../../support/test-database.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startBerth, type Berth } from '../support/berth.ts'
import { createClient, PASSWORD, withKey } from '../support/client.ts'
import { noLanguages } from '../support/no-languages.ts'

let server: Awaited<ReturnType<typeof startDatabaseServer>>
let berth: Berth
const rejections: unknown[] = []
const note = (reason: unknown): void => { rejections.push(reason) }

beforeAll(async () => {
  process.on('unhandledRejection', note)
  server = await startDatabaseServer()
  berth = await startBerth({ DATABASE_URL: server.url, LOG_LEVEL: 'silent', RATE_LIMIT_SIGNIN: 'off' }, { catalogue: noLanguages })
})
afterAll(async () => {
  await berth.stop()
  await server.stop()
  process.off('unhandledRejection', note)
  expect(rejections).toEqual([])
})

const signIn = async () => await createClient(berth.origin).call('POST', '/auth/signin', { email: 'nobody@example.org', password: PASSWORD })
const ready = async () => await createClient(berth.origin).call<{ status: string, engine: boolean, database: boolean }>('GET', '/ready')

describe('while the database is down', () => {
  it('what needs it is told so at once, the rest goes on, and all is well again without a restart', async () => {
    expect((await ready()).body).toEqual({ status: 'ready', engine: true, database: true })
    await server.proxy.close()
    await waitFor('the connections to be gone', async () => (await signIn()).status === 503)

    const startedAt = performance.now()
    const answers = await Promise.all(Array.from({ length: 50 }, signIn))
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.code}`))).toEqual(new Set(['503 DATABASE_UNAVAILABLE']))
    expect(answers[0]?.headers.get('retry-after')).toMatch(/^\d+$/)
    expect(performance.now() - startedAt).toBeLessThan(5_000)
    expect(JSON.stringify(answers[0]?.body)).not.toMatch(/select|5432|ECONN|127\.0\.0\.1/)

    expect((await withKey(berth.origin, berth.key).call('GET', '/auth/me')).body.code).toBe('DATABASE_UNAVAILABLE')
    expect((await createClient(berth.origin).call('GET', '/health')).status).toBe(200)
    const unready = await ready()
    expect([unready.status, unready.body]).toEqual([503, { status: 'unavailable', engine: true, database: false }])
    expect(unready.headers.get('retry-after')).toMatch(/^\d+$/)

    berth.app.audit({ action: 'test.outage', userId: null })
    await server.proxy.listen()
    await waitFor('a sign-in to be looked at again', async () => (await signIn()).status === 401)
    expect((await withKey(berth.origin, berth.key).call('GET', '/auth/me')).status).toBe(200)
    await waitFor('what happened meanwhile to be in the audit log', async () =>
      (await berth.app.db.select().from(auditEvents)).some(({ action }) => action === 'test.outage'))
    expect((await ready()).status).toBe(200)
  })

  it('a server that has gone silent does not hold up /ready', async () => {
    server.proxy.pause()
    try {
      const startedAt = performance.now()
      expect((await ready()).body).toMatchObject({ database: false })
      expect(performance.now() - startedAt).toBeLessThan(4_000)
      const swallowed = server.proxy.swallowedBytes()
      berth.app.audit({ action: 'test.silence', userId: null })
      await waitFor('the audit log to be written to it', () => server.proxy.swallowedBytes() > swallowed)
    } finally {
      // What was swallowed is lost: those connections can only end.
      server.proxy.resume()
      await server.proxy.close()
      await server.proxy.listen()
    }
    await waitFor('the database to answer', async () => (await ready()).status === 200)
    await waitFor('what happened meanwhile to be in the audit log, once', async () =>
      (await berth.app.db.select().from(auditEvents)).filter(({ action }) => action === 'test.silence').length === 1)
  })
})
