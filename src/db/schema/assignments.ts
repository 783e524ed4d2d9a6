import { sql } from 'drizzle-orm'
import { bigint, check, doublePrecision, index, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { lengthBetween, oneOf } from './checks.ts'
import { bytea, createdAt, instant } from './columns.ts'
import { projectNetworks, projects } from './projects.ts'
import { users } from './users.ts'

/** What a teacher gives out: whoever opens its link has a copy of it, which begins with the files of its one snapshot. */
export const assignments = pgTable('assignments', {
  id: uuid('id').primaryKey().defaultRandom(),
  teacherId: uuid('teacher_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  name: text('name').notNull(),
  runtime: text('runtime').notNull(),
  network: text('network', { enum: projectNetworks }).notNull(),
  memoryBytes: bigint('memory_bytes', { mode: 'number' }),
  cpus: doublePrecision('cpus'),
  /** SHA-256 of the token in its link. */
  hash: bytea('hash').notNull(),
  createdAt: createdAt(),
  /** Told to everybody, and heeded by nobody: work goes on after it. */
  dueAt: instant('due_at'),
  /** From then on there are no more copies. */
  closedAt: instant('closed_at')
}, (table) => [
  uniqueIndex('assignments_hash').on(table.hash),
  index('assignments_list').on(table.teacherId, table.createdAt, table.id),
  check('assignments_name_length', lengthBetween(table.name, 1, 100)),
  check('assignments_network', oneOf(table.network, projectNetworks)),
  check('assignments_hash_length', sql`octet_length(${table.hash}) = 32`)
])

/** A project is somebody's copy; everybody has one of each assignment. */
export const assignmentCopies = pgTable('assignment_copies', {
  projectId: uuid('project_id').notNull().references(() => projects.id, { onDelete: 'cascade' }),
  assignmentId: uuid('assignment_id').notNull().references(() => assignments.id, { onDelete: 'cascade' }),
  userId: uuid('user_id').notNull().references(() => users.id, { onDelete: 'cascade' })
}, (table) => [
  primaryKey({ name: 'assignment_copies_key', columns: [table.assignmentId, table.userId] }),
  uniqueIndex('assignment_copies_project').on(table.projectId),
  index('assignment_copies_user').on(table.userId)
])
