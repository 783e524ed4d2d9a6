import { sql } from 'drizzle-orm'
import { check, index, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { oneOf } from './checks.ts'
import { createdAt, instant } from './columns.ts'
import { projects } from './projects.ts'
import { users } from './users.ts'

export const memberRoles = ['viewer', 'editor'] as const
export type MemberRole = typeof memberRoles[number]

/** Who works in a project besides its owner, who has no row. */
export const projectMembers = pgTable('project_members', {
  projectId: uuid('project_id').notNull().references(() => projects.id, { onDelete: 'cascade' }),
  userId: uuid('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  role: text('role', { enum: memberRoles }).notNull(),
  createdAt: createdAt(),
  /** Since when the owner has offered them the project. */
  offeredAt: instant('offered_at')
}, (table) => [
  uniqueIndex('project_members_offer').on(table.projectId).where(sql`${table.offeredAt} is not null`),
  primaryKey({ name: 'project_members_key', columns: [table.projectId, table.userId] }),
  index('project_members_user').on(table.userId),
  check('project_members_role', oneOf(table.role, memberRoles))
])
