import { index, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { createdAt, instant } from './columns.ts'
import { users } from './users.ts'

/** A signed-in browser: the cookie's token carries the id, and is worth nothing once the row is gone. */
export const authSessions = pgTable('auth_sessions', {
  id: uuid('id').primaryKey().defaultRandom(),
  userId: uuid('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  createdAt: createdAt(),
  /** Where it was signed in from, for its owner to tell it from others. */
  ip: text('ip'),
  userAgent: text('user_agent'),
  expiresAt: instant('expires_at').notNull()
}, (table) => [
  index('auth_sessions_user').on(table.userId, table.createdAt, table.id),
  index('auth_sessions_expiry').on(table.expiresAt)
])
