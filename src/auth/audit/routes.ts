import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { timeOf } from '../../http/time.ts'
import { closed, Printable } from '../../lib/schemas.ts'
import { listAuditEvents, type AuditCursor, type AuditRow } from './repo.ts'

const PAGE = 50
// Milliseconds and number of the last event.
const CURSOR = '^[0-9]{1,13}-[0-9]{1,15}$'
const NullableText = Type.Union([Type.String(), Type.Null()])

const AuditQuerySchema = Type.Object({
  userId: Type.Optional(Type.String({ format: 'uuid' })),
  action: Type.Optional(Type.String({ minLength: 1, maxLength: 64, ...Printable, description: 'such as key.create' })),
  subject: Type.Optional(Type.String({ minLength: 1, maxLength: 256, ...Printable, description: 'the id of what it was done to' })),
  since: Type.Optional(Type.String({ format: 'date-time' })),
  until: Type.Optional(Type.String({ format: 'date-time' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: PAGE })),
  cursor: Type.Optional(Type.String({ pattern: CURSOR, 'x-form': 'must be what nextCursor has given' }))
}, closed)

const AuditEventSchema = Type.Object({
  id: Type.String(),
  action: Type.String(),
  userId: NullableText,
  subject: NullableText,
  details: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()])),
  requestId: NullableText,
  ip: NullableText,
  createdAt: Type.String({ format: 'date-time' })
}, closed)

const AuditAnswerSchema = Type.Object({ events: Type.Array(AuditEventSchema), nextCursor: NullableText }, closed)

/** Who did what, for administrators. */
export const auditRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get('/api/audit', {
    onRequest: app.requireAdmin,
    schema: { operationId: 'listAuditEvents', summary: 'What was done on this server, the newest first; for administrators', tags: ['system'], querystring: AuditQuerySchema, response: { 200: AuditAnswerSchema } }
  }, async (request) => {
    const { limit = PAGE, cursor, since, until, ...filter } = request.query
    const rows = await listAuditEvents(app.db, { ...filter, since: timeOf(since), until: timeOf(until) }, { limit: limit + 1, after: cursor === undefined ? undefined : readCursor(cursor) })
    const page = rows.slice(0, limit)
    return { events: page.map(present), nextCursor: rows.length > limit ? writeCursor(page.at(-1)) : null }
  })
}

function readCursor (text: string): AuditCursor {
  const [time = '', id = ''] = text.split('-')
  return { createdAt: new Date(Number(time)), id: Number(id) }
}

function writeCursor (last: AuditCursor | undefined): string | null {
  return last === undefined ? null : `${last.createdAt.getTime()}-${last.id}`
}

function present ({ id, createdAt, ...row }: AuditRow) {
  return { ...row, id: String(id), createdAt: createdAt.toISOString() }
}
