import { sql } from 'drizzle-orm'
import { check, index, integer, pgTable, uuid } from 'drizzle-orm/pg-core'
import { authSessions } from './auth-sessions.ts'
import { bytea, instant } from './columns.ts'
import { projects } from './projects.ts'

/** Tokens on their way from the API's name to a preview's. In the database, so that no server takes one twice. */
export const previewHandovers = pgTable('preview_handovers', {
  /** SHA-256 of the token. */
  tokenHash: bytea('token_hash').primaryKey(),
  sessionId: uuid('session_id').notNull().references(() => authSessions.id, { onDelete: 'cascade' }),
  projectId: uuid('project_id').notNull().references(() => projects.id, { onDelete: 'cascade' }),
  port: integer('port').notNull(),
  expiresAt: instant('expires_at').notNull()
}, (table) => [
  index('preview_handovers_session').on(table.sessionId),
  index('preview_handovers_project').on(table.projectId),
  index('preview_handovers_expiry').on(table.expiresAt),
  check('preview_handovers_hash_length', sql`octet_length(${table.tokenHash}) = 32`),
  check('preview_handovers_port', sql`${table.port} between 1 and 65535`)
])
