import { sql } from 'drizzle-orm'
import { boolean, check, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { lengthBetween } from './checks.ts'
import { bytea, instant } from './columns.ts'
import { projects } from './projects.ts'

/** What a project's shells and commands have in their environment. */
export const projectVariables = pgTable('project_variables', {
  projectId: uuid('project_id').notNull().references(() => projects.id, { onDelete: 'cascade' }),
  name: text('name').notNull(),
  /** Its value is sealed, and never shown. */
  isSecret: boolean('is_secret').notNull(),
  value: bytea('value').notNull(),
  updatedAt: instant('updated_at').notNull().defaultNow()
}, (table) => [
  primaryKey({ name: 'project_variables_key', columns: [table.projectId, table.name] }),
  check('project_variables_name_length', lengthBetween(table.name, 1, 100)),
  check('project_variables_value_length', sql`octet_length(${table.value}) <= 65536`)
])
