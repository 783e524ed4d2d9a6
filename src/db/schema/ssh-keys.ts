import { sql } from 'drizzle-orm'
import { check, index, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { lengthBetween } from './checks.ts'
import { bytea, createdAt, instant } from './columns.ts'
import { users } from './users.ts'

/** Public keys that people sign in with by SSH. */
export const sshKeys = pgTable('ssh_keys', {
  id: uuid('id').primaryKey().defaultRandom(),
  userId: uuid('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  name: text('name').notNull(),
  type: text('type').notNull(),
  /** SHA-256 of the key. It says who signs in, so a key is one person's. */
  fingerprint: bytea('fingerprint').notNull(),
  createdAt: createdAt(),
  lastUsedAt: instant('last_used_at')
}, (table) => [
  uniqueIndex('ssh_keys_fingerprint').on(table.fingerprint),
  index('ssh_keys_list').on(table.userId, table.createdAt, table.id),
  check('ssh_keys_fingerprint_length', sql`octet_length(${table.fingerprint}) = 32`),
  check('ssh_keys_type_length', lengthBetween(table.type, 1, 64)),
  check('ssh_keys_name_length', lengthBetween(table.name, 1, 100))
])
