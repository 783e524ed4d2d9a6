import { integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { bytea } from './columns.ts'
import { projects } from './projects.ts'

/** Files given with a new project, kept until a first snapshot holds them: until then a lost volume is filled with them again. */
export const projectFiles = pgTable('project_files', {
  projectId: uuid('project_id').notNull().references(() => projects.id, { onDelete: 'cascade' }),
  // Not the path, which may be longer than an index entry.
  position: integer('position').notNull(),
  path: text('path').notNull(),
  content: bytea('content').notNull()
}, (table) => [
  primaryKey({ columns: [table.projectId, table.position] })
])
