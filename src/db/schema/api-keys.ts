import { sql } from 'drizzle-orm'
import { boolean, check, index, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { lengthBetween } from './checks.ts'
import { bytea, createdAt, instant } from './columns.ts'
import { users } from './users.ts'

export const apiKeys = pgTable('api_keys', {
  id: uuid('id').primaryKey().defaultRandom(),
  userId: uuid('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  name: text('name').notNull(),
  /** SHA-256 of the key: 192 random bits need no slow hash. */
  hash: bytea('hash').notNull(),
  /** The key's first characters, for a person to tell it from others. */
  prefix: text('prefix').notNull(),
  /** The one key that the server's environment or data directory gives. */
  isPredefined: boolean('is_predefined').notNull().default(false),
  createdAt: createdAt(),
  expiresAt: instant('expires_at'),
  lastUsedAt: instant('last_used_at')
}, (table) => [
  uniqueIndex('api_keys_hash').on(table.hash),
  uniqueIndex('api_keys_predefined').on(table.isPredefined).where(sql`${table.isPredefined}`),
  index('api_keys_list').on(table.userId, table.createdAt, table.id),
  check('api_keys_hash_length', sql`octet_length(${table.hash}) = 32`),
  check('api_keys_name_length', lengthBetween(table.name, 1, 100))
])
