import { sql } from 'drizzle-orm'
import { check, index, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { lengthBetween, oneOf } from './checks.ts'
import { bytea, createdAt, instant } from './columns.ts'
import { users, userRoles } from './users.ts'

/** A link that an administrator gives somebody, or a mail, worth one use: to make an account, or a new password for one. */
export const accountLinks = pgTable('account_links', {
  id: uuid('id').primaryKey().defaultRandom(),
  /** SHA-256 of the token. */
  hash: bytea('hash').notNull(),
  /** Whose password it sets; null for an invitation. */
  userId: uuid('user_id').references(() => users.id, { onDelete: 'cascade' }),
  /** Of an invitation: whom it is for alone, if anybody. */
  email: text('email'),
  /** Of an invitation: what its user becomes. */
  role: text('role', { enum: userRoles }),
  /** The administrator; null for one that was mailed to whoever has forgotten the password. */
  createdBy: uuid('created_by').references(() => users.id, { onDelete: 'cascade' }),
  createdAt: createdAt(),
  expiresAt: instant('expires_at').notNull()
}, (table) => [
  uniqueIndex('account_links_hash').on(table.hash),
  index('account_links_user').on(table.userId),
  index('account_links_creator').on(table.createdBy),
  index('account_links_list').on(table.createdAt, table.id),
  check('account_links_role', oneOf(table.role, userRoles)),
  check('account_links_kind', sql`(${table.userId} is null) = (${table.role} is not null)`),
  check('account_links_email_length', lengthBetween(table.email, 3, 254)),
  check('account_links_hash_length', sql`octet_length(${table.hash}) = 32`)
])
