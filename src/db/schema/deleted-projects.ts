import { index, pgTable, uuid } from 'drizzle-orm/pg-core'
import { instant } from './columns.ts'

/** Tombstones: what is left of these on the Engine may go at once. */
export const deletedProjects = pgTable('deleted_projects', {
  projectId: uuid('project_id').primaryKey(),
  deletedAt: instant('deleted_at').notNull().defaultNow()
}, (table) => [
  index('deleted_projects_age').on(table.deletedAt)
])
