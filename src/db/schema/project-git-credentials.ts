import { sql } from 'drizzle-orm'
import { check, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { lengthBetween } from './checks.ts'
import { bytea, instant } from './columns.ts'
import { projects } from './projects.ts'

/** What a project's git shows to the hosts of its remotes. */
export const projectGitCredentials = pgTable('project_git_credentials', {
  projectId: uuid('project_id').notNull().references(() => projects.id, { onDelete: 'cascade' }),
  /** With its port, where that is not 443. */
  host: text('host').notNull(),
  username: text('username').notNull(),
  /** Sealed, and never shown. */
  password: bytea('password').notNull(),
  updatedAt: instant('updated_at').notNull().defaultNow()
}, (table) => [
  primaryKey({ name: 'project_git_credentials_key', columns: [table.projectId, table.host] }),
  check('project_git_credentials_host_length', lengthBetween(table.host, 1, 100)),
  check('project_git_credentials_username_length', lengthBetween(table.username, 1, 256)),
  check('project_git_credentials_password_length', sql`octet_length(${table.password}) <= 8192`)
])
