import { check, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { oneOf } from './checks.ts'
import { bytea, createdAt } from './columns.ts'
import { executionSessions } from './execution-sessions.ts'

export const outputStreams = ['stdout', 'stderr'] as const
export type OutputStream = typeof outputStreams[number]

export const stages = ['compile', 'run'] as const

/** What a run printed: output messages that follow each other in one row. Bytes, since a program may print what is no text. */
export const executionLogs = pgTable('execution_logs', {
  sessionId: uuid('session_id').notNull().references(() => executionSessions.id, { onDelete: 'cascade' }),
  /** Of the last message in the row. */
  seq: integer('seq').notNull(),
  stream: text('stream', { enum: outputStreams }).notNull(),
  stage: text('stage', { enum: stages }).notNull(),
  data: bytea('data').notNull(),
  /** Bytes of each message in `data`. */
  lengths: integer('lengths').array().notNull(),
  createdAt: createdAt()
}, (table) => [
  primaryKey({ columns: [table.sessionId, table.seq] }),
  check('execution_logs_stream', oneOf(table.stream, outputStreams)),
  check('execution_logs_stage', oneOf(table.stage, stages))
])
