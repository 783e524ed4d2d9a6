import { sql } from 'drizzle-orm'
import { boolean, check, index, jsonb, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core'
import { lengthBetween } from './checks.ts'
import { createdAt } from './columns.ts'
import { projects } from './projects.ts'

/** Processes that start with their project. */
export const projectServices = pgTable('project_services', {
  /** Also of the process. */
  id: uuid('id').primaryKey().defaultRandom(),
  projectId: uuid('project_id').notNull().references(() => projects.id, { onDelete: 'cascade' }),
  name: text('name').notNull(),
  /** What was asked for, as the call has it. */
  spec: jsonb('spec').notNull(),
  /** It keeps its project from being idle, for a while. */
  keepsAwake: boolean('keeps_awake').notNull().default(false),
  createdAt: createdAt()
}, (table) => [
  unique('project_services_name').on(table.projectId, table.name),
  index('project_services_awake').on(table.projectId).where(sql`${table.keepsAwake}`),
  check('project_services_name_length', lengthBetween(table.name, 1, 64)),
  check('project_services_spec_length', sql`pg_column_size(${table.spec}) <= 131072`)
])
