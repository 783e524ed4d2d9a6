import { sql } from 'drizzle-orm'
import { bigint, check, doublePrecision, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { lengthBetween, oneOf } from './checks.ts'
import { createdAt, instant } from './columns.ts'
import { projects } from './projects.ts'
import { users } from './users.ts'

export const sessionStatuses = [
  'queued', 'compiling', 'running', 'completed', 'runtime_error', 'compile_error',
  'timeout', 'memory_limit', 'output_limit', 'killed', 'internal_error'
] as const
export type SessionStatus = typeof sessionStatuses[number]

/** One run of a program. Times are milliseconds, memory is bytes. */
export const executionSessions = pgTable('backend_execution_sessions', {
  id: uuid('id').primaryKey().defaultRandom(),
  userId: uuid('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  projectId: uuid('project_id').references(() => projects.id, { onDelete: 'cascade' }),
  language: text('language').notNull(),
  version: text('version').notNull(),
  status: text('status', { enum: sessionStatuses }).notNull().default('queued'),
  message: text('message'),
  exitCode: integer('exit_code'),
  signal: text('signal'),
  executionTime: doublePrecision('execution_time'),
  cpuTime: doublePrecision('cpu_time'),
  memory: bigint('memory', { mode: 'number' }),
  createdAt: createdAt(),
  startedAt: instant('started_at'),
  finishedAt: instant('finished_at'),
  expiresAt: instant('expires_at')
}, (table) => [
  index('execution_sessions_list').on(table.userId, table.createdAt, table.id),
  index('execution_sessions_project').on(table.projectId, table.createdAt, table.id),
  index('execution_sessions_unfinished').on(table.createdAt).where(sql`${table.finishedAt} is null`),
  index('execution_sessions_expiry').on(table.expiresAt),
  check('execution_sessions_status', oneOf(table.status, sessionStatuses)),
  check('execution_sessions_language_length', lengthBetween(table.language, 1, 64)),
  check('execution_sessions_finished', sql`${table.finishedAt} is null or ${table.status} not in ('queued', 'compiling', 'running')`)
])
