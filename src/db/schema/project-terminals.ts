import { index, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { createdAt } from './columns.ts'
import { containerInstances } from './container-instances.ts'
import { users } from './users.ts'

/** Shells that were opened in a container, which knows whether they are still there. */
export const projectTerminals = pgTable('project_terminals', {
  /** Also of the process. */
  id: uuid('id').primaryKey(),
  /** The Engine's id. */
  containerId: text('container_id').notNull().references(() => containerInstances.containerId, { onDelete: 'cascade' }),
  /** Who has opened it. */
  userId: uuid('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  createdAt: createdAt()
}, (table) => [
  index('project_terminals_container').on(table.containerId),
  index('project_terminals_user').on(table.userId)
])
