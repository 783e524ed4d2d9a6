import { sql } from 'drizzle-orm'
import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { isDatabaseUnavailable } from '../db/errors.ts'
import { auditEvents, users } from '../db/schema/index.ts'
import { createBatch } from '../lib/batch.ts'

export interface AuditEvent {
  /** `<noun>.<verb>`, such as `key.create`. */
  readonly action: string
  readonly userId: string | null
  /** The id of what it was done to. */
  readonly subject?: string
  /** Never a secret, a program or what one printed. */
  readonly details?: Readonly<Record<string, string | number | boolean | null>>
  readonly requestId?: string
  readonly ip?: string
}

export type Audit = (event: AuditEvent) => void

declare module 'fastify' {
  interface FastifyInstance {
    /** Notes what somebody did. Written in batches a moment later: it costs the request nothing and cannot fail it. */
    audit: Audit
  }
}

const INTERVAL_MS = 500
const SIZE = 200
const CAPACITY = 20_000

/** Where a request came from, for its audit events. */
export function traceOf (request: FastifyRequest): Required<Pick<AuditEvent, 'requestId' | 'ip'>> {
  return { requestId: request.id, ip: request.ip }
}

export default fp(async (app) => {
  const batch = createBatch<AuditEvent & { createdAt: Date }>({
    intervalMs: INTERVAL_MS,
    size: SIZE,
    capacity: CAPACITY,
    isTemporary: isDatabaseUnavailable,
    onError: (err) => app.log.warn({ err }, 'audit events could not be written'),
    onDrop: (count) => app.log.error({ count }, 'audit events were lost'),
    write: async (events) => {
      await app.db.insert(auditEvents).values(events.map(({ userId, ...event }) => ({
        ...event,
        // The user may have been deleted since.
        userId: userId === null ? null : sql`(select ${users.id} from ${users} where ${users.id} = ${userId})`
      })))
    }
  })
  app.decorate('audit', (event: AuditEvent) => batch.add({ ...event, createdAt: new Date() }))
  app.addHook('onReady', async () => batch.start())
  app.addHook('onClose', async () => await batch.stop())
}, { name: 'audit', dependencies: ['db'] })
