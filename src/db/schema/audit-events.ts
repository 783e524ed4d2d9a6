import { sql } from 'drizzle-orm'
import { bigint, check, index, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { lengthBetween } from './checks.ts'
import { createdAt } from './columns.ts'
import { users } from './users.ts'

/** Who did what. Rows outlive their user, and never hold a secret or a program. */
export const auditEvents = pgTable('audit_events', {
  id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  userId: uuid('user_id').references(() => users.id, { onDelete: 'set null' }),
  action: text('action').notNull(),
  /** The id of what it was done to. */
  subject: text('subject'),
  requestId: text('request_id'),
  ip: text('ip'),
  details: jsonb('details').$type<Readonly<Record<string, string | number | boolean | null>>>().notNull().default({}),
  createdAt: createdAt()
}, (table) => [
  index('audit_events_list').on(table.createdAt, table.id),
  index('audit_events_user').on(table.userId, table.createdAt, table.id),
  index('audit_events_action').on(table.action, table.createdAt, table.id),
  index('audit_events_subject').on(table.subject, table.createdAt, table.id).where(sql`${table.subject} is not null`),
  check('audit_events_action_length', lengthBetween(table.action, 1, 64))
])
