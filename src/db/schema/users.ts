import { sql } from 'drizzle-orm'
import { bigint, check, index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { lengthBetween, oneOf } from './checks.ts'
import { createdAt, instant } from './columns.ts'

export const userRoles = ['admin', 'teacher', 'user'] as const
export type UserRole = typeof userRoles[number]

/**
 * Somebody who signs in, or the first user before the server is set up: that one has no email and no password, owns the
 * predefined key, and becomes whoever has the setup link.
 */
export const users = pgTable('users', {
  id: uuid('id').primaryKey().defaultRandom(),
  email: text('email'),
  passwordHash: text('password_hash'),
  /** When somebody has shown that the email is theirs: by a mail, by a provider, or to the administrator who has invited it. */
  emailVerifiedAt: instant('email_verified_at'),
  name: text('name'),
  role: text('role', { enum: userRoles }).notNull(),
  createdAt: createdAt(),
  /** From when on neither password nor keys are taken. */
  disabledAt: instant('disabled_at'),
  /** Most projects, and most of them at once running, and bytes of snapshots; null for what the server gives everybody. */
  projectsMost: integer('projects_most'),
  projectsRunningMost: integer('projects_running_most'),
  snapshotBytesMost: bigint('snapshot_bytes_most', { mode: 'number' })
}, (table) => [
  uniqueIndex('users_email').on(table.email),
  // Two servers that start on an empty database make one first user.
  uniqueIndex('users_unclaimed').on(sql`(${table.email} is null)`).where(sql`${table.email} is null`),
  index('users_list').on(table.createdAt, table.id),
  check('users_limits', sql`${table.projectsMost} >= 0 and ${table.projectsRunningMost} >= 1 and ${table.snapshotBytesMost} >= 0`),
  check('users_role', oneOf(table.role, userRoles)),
  check('users_email_lower_case', sql`${table.email} = lower(${table.email})`),
  check('users_email_length', lengthBetween(table.email, 3, 254)),
  check('users_name_length', lengthBetween(table.name, 1, 100)),
  // Somebody who signs in by OpenID Connect may have no password.
  check('users_claimed', sql`${table.email} is not null or ${table.passwordHash} is null`)
])
