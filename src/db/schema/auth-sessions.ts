import { index, pgTable, uuid } from 'drizzle-orm/pg-core'
import { createdAt, instant } from './columns.ts'
import { users } from './users.ts'

/** A signed-in browser: the cookie's token carries the id, and is worth nothing once the row is gone. */
export const authSessions = pgTable('auth_sessions', {
  id: uuid('id').primaryKey().defaultRandom(),
  userId: uuid('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  createdAt: createdAt(),
  expiresAt: instant('expires_at').notNull()
}, (table) => [
  index('auth_sessions_user').on(table.userId),
  index('auth_sessions_expiry').on(table.expiresAt)
])
