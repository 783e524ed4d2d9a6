import { check, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { oneOf } from './checks.ts'
import { bytea, createdAt } from './columns.ts'
import { executionSessions } from './execution-sessions.ts'

export const outputStreams = ['stdout', 'stderr'] as const
export type OutputStream = typeof outputStreams[number]

/** What a run printed, in the order of `seq`. Bytes, since a program may print what is no text. */
export const executionLogs = pgTable('execution_logs', {
  sessionId: uuid('session_id').notNull().references(() => executionSessions.id, { onDelete: 'cascade' }),
  seq: integer('seq').notNull(),
  stream: text('stream', { enum: outputStreams }).notNull(),
  data: bytea('data').notNull(),
  createdAt: createdAt()
}, (table) => [
  primaryKey({ columns: [table.sessionId, table.seq] }),
  check('execution_logs_stream', oneOf(table.stream, outputStreams))
])
