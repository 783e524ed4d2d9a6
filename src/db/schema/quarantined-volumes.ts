import { pgTable, text } from 'drizzle-orm/pg-core'
import { instant } from './columns.ts'

/** Projects' volumes on the Engine that no row of ours accounts for: this database may be older than they are. */
export const quarantinedVolumes = pgTable('quarantined_volumes', {
  /** The Engine's. */
  name: text('name').primaryKey(),
  /** As its label says; the project may never have been in this database. */
  projectId: text('project_id').notNull(),
  firstSeenAt: instant('first_seen_at').notNull().defaultNow()
})
