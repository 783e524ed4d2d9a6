import { sql } from 'drizzle-orm'
import { check, index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { lengthBetween, oneOf } from './checks.ts'
import { bytea, createdAt, instant } from './columns.ts'
import { memberRoles } from './project-members.ts'
import { projects } from './projects.ts'
import { users } from './users.ts'

/** What makes somebody a member: a link, for whoever has it, or an email, for the account that had it at that time. */
export const projectInvitations = pgTable('project_invitations', {
  id: uuid('id').primaryKey().defaultRandom(),
  projectId: uuid('project_id').notNull().references(() => projects.id, { onDelete: 'cascade' }),
  role: text('role', { enum: memberRoles }).notNull(),
  /** Of a link: SHA-256 of its token. */
  hash: bytea('hash'),
  email: text('email'),
  /** Whose email it is. Null also where there was no such account: whoever takes the email later is not meant. */
  userId: uuid('user_id').references(() => users.id, { onDelete: 'set null' }),
  uses: integer('uses').notNull().default(0),
  /** As many as like, without one. */
  maxUses: integer('max_uses'),
  createdAt: createdAt(),
  expiresAt: instant('expires_at').notNull()
}, (table) => [
  uniqueIndex('project_invitations_hash').on(table.hash),
  // Whoever is invited once more has the newer invitation.
  uniqueIndex('project_invitations_email').on(table.projectId, table.email),
  index('project_invitations_list').on(table.projectId, table.createdAt, table.id),
  index('project_invitations_user').on(table.userId, table.createdAt, table.id),
  check('project_invitations_role', oneOf(table.role, memberRoles)),
  check('project_invitations_kind', sql`num_nulls(${table.hash}, ${table.email}) = 1`),
  check('project_invitations_for', sql`${table.userId} is null or ${table.email} is not null`),
  check('project_invitations_hash_length', sql`octet_length(${table.hash}) = 32`),
  check('project_invitations_email_length', lengthBetween(table.email, 3, 254)),
  check('project_invitations_uses', sql`${table.uses} >= 0 and ${table.maxUses} > 0`)
])
