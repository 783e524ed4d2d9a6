import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type, { type Static } from 'typebox'
import { toPage } from '../../db/page.ts'
import { errors } from '../../errors.ts'
import { readCursor } from '../../http/cursor.ts'
import { timeOf } from '../../http/time.ts'
import { closed, Instant, Nullable, pageQuery } from '../../lib/schemas.ts'
import { listUsage, usageOf, type UsagePeriod, type UsageRow } from './repo.ts'

const PAGE = 50
const PERIOD_MS = 30 * 86_400_000

const period = { since: Type.Optional(Type.String({ format: 'date-time', description: 'default 30 days ago' })), until: Type.Optional(Instant) }
const usage = {
  runs: Type.Integer({ description: 'begun in the time that was asked for, as far as their records are kept' }),
  cpuSeconds: Type.Number({ description: 'of those runs' }),
  projects: Type.Integer(),
  projectsRunning: Type.Integer(),
  snapshotBytes: Type.Integer()
}
const OwnUsageSchema = Type.Object({ since: Instant, until: Instant, ...usage }, closed)
const UsageListSchema = Type.Object({
  since: Instant,
  until: Instant,
  users: Type.Array(Type.Object({ id: Type.String({ format: 'uuid' }), email: Nullable(Type.String()), ...usage }, closed)),
  nextCursor: Nullable(Type.String())
}, closed)
type Usage = Omit<Static<typeof OwnUsageSchema>, 'since' | 'until'>

/** What people use: their own for everybody, all for administrators. */
export const usageRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get('/auth/me/usage', {
    schema: { operationId: 'myUsage', summary: 'What you use, and have used', tags: ['auth'], querystring: Type.Object(period, closed), response: { 200: OwnUsageSchema } }
  }, async ({ owner, query }) => {
    const asked = periodOf(query)
    const row = await usageOf(app.db, owner, asked)
    if (row === undefined) throw new errors.UNAUTHENTICATED()
    return { ...present(asked), ...presentUsage(row) }
  })

  app.get('/api/usage', {
    onRequest: app.requireAdmin,
    schema: { operationId: 'listUsage', summary: 'What everybody uses, and has used; for administrators', tags: ['users'], querystring: Type.Object({ ...pageQuery, ...period }, closed), response: { 200: UsageListSchema } }
  }, async ({ query: { limit = PAGE, cursor, ...query } }) => {
    const asked = periodOf(query)
    const { rows, nextCursor } = toPage(await listUsage(app.db, asked, { limit: limit + 1, cursor: readCursor(cursor) }), limit)
    return { ...present(asked), users: rows.map((row) => ({ id: row.id, email: row.email, ...presentUsage(row) })), nextCursor }
  })
}

function periodOf ({ since, until }: { since?: string, until?: string }): UsagePeriod {
  const end = timeOf(until) ?? new Date()
  return { since: timeOf(since) ?? new Date(end.getTime() - PERIOD_MS), until: end }
}

function present ({ since, until }: UsagePeriod) {
  return { since: since.toISOString(), until: until.toISOString() }
}

function presentUsage ({ runs, cpuMs, projects, projectsRunning, snapshotBytes }: UsageRow): Usage {
  return { runs, cpuSeconds: cpuMs / 1000, projects, projectsRunning, snapshotBytes }
}
