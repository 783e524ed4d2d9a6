import { sql } from 'drizzle-orm'
import { bigint, boolean, check, doublePrecision, index, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core'
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
  isInteractive: boolean('is_interactive').notNull().default(false),
  status: text('status', { enum: sessionStatuses }).notNull().default('queued'),
  /** Why it was killed or failed. */
  message: text('message'),
  exitCode: integer('exit_code'),
  signal: text('signal'),
  executionTime: doublePrecision('execution_time'),
  cpuTime: doublePrecision('cpu_time'),
  memory: bigint('memory', { mode: 'number' }),
  createdAt: createdAt(),
  startedAt: instant('started_at'),
  finishedAt: instant('finished_at'),
  /** The answer without what was printed and made. */
  result: jsonb('result').$type<Readonly<Record<string, unknown>>>(),
  /** Whether the log lacks the end of the output. */
  isLogTruncated: boolean('is_log_truncated').notNull().default(false),
  /** About what it takes in the database, with its log. */
  bytes: bigint('bytes', { mode: 'number' }).notNull().default(1024),
  /** The data directory of the server that runs it, and that server's present life. */
  instanceId: text('instance_id').notNull(),
  bootId: uuid('boot_id').notNull(),
  /** Renewed by that server while it lives. */
  leaseExpiresAt: instant('lease_expires_at').notNull()
}, (table) => [
  index('execution_sessions_list').on(table.userId, table.createdAt, table.id),
  index('execution_sessions_project').on(table.projectId, table.createdAt, table.id),
  index('execution_sessions_unfinished').on(table.leaseExpiresAt).where(sql`${table.finishedAt} is null`),
  index('execution_sessions_age').on(table.createdAt),
  check('execution_sessions_status', oneOf(table.status, sessionStatuses)),
  check('execution_sessions_language_length', lengthBetween(table.language, 1, 64)),
  check('execution_sessions_finished', sql`${table.finishedAt} is null or ${table.status} not in ('queued', 'compiling', 'running')`)
])
