import { sql } from 'drizzle-orm'
import { check, index, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { oneOf } from './checks.ts'
import { instant } from './columns.ts'
import { projects } from './projects.ts'

export const cloneStatuses = ['cloning', 'ready', 'failed'] as const
export type CloneStatus = typeof cloneStatuses[number]

/** The repository that a project's files are from. */
export const projectClones = pgTable('project_clones', {
  projectId: uuid('project_id').primaryKey().references(() => projects.id, { onDelete: 'cascade' }),
  url: text('url').notNull(),
  /** A branch, a tag or a commit; what the repository takes for its own without one. */
  ref: text('ref'),
  status: text('status', { enum: cloneStatuses }).notNull().default('cloning'),
  /** What has been checked out; an empty repository has none. */
  commit: text('commit'),
  error: text('error'),
  /** The server that clones it. When that dies in the middle the lease runs out, and whoever finds it begins anew. */
  owner: uuid('owner'),
  expiresAt: instant('expires_at')
}, (table) => [
  index('project_clones_under_way').on(table.expiresAt).where(sql`${table.status} = 'cloning'`),
  check('project_clones_status', oneOf(table.status, cloneStatuses)),
  check('project_clones_commit', sql`${table.status} = 'ready' or ${table.commit} is null`),
  check('project_clones_error', sql`(${table.status} = 'failed') = (${table.error} is not null)`),
  check('project_clones_lease', sql`num_nulls(${table.owner}, ${table.expiresAt}) in (0, 2)`)
])
