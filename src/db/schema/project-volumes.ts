import { sql } from 'drizzle-orm'
import { boolean, check, index, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { instant } from './columns.ts'
import { projects } from './projects.ts'

/** What is known of a project's volume. A project without a row has not been worked on since there are rows. */
export const projectVolumes = pgTable('project_volumes', {
  projectId: uuid('project_id').primaryKey().references(() => projects.id, { onDelete: 'cascade' }),
  /** It holds what it was given: the first files, or a snapshot. Null again when the Engine has lost the volume. */
  filledAt: instant('filled_at'),
  lostAt: instant('lost_at'),
  /** When a lost volume was last made anew, and whether there was a snapshot to fill it with. */
  recoveredAt: instant('recovered_at'),
  isRestored: boolean('is_restored').notNull().default(false),
  /** Many files are being replaced at once; what a crash leaves of it is rolled forward or removed before any other work. */
  isChanging: boolean('is_changing').notNull().default(false),
  /** When files may last have changed, or begun to, without being in a snapshot. While the project runs, they may all the time. */
  snapshotDueAt: instant('snapshot_due_at'),
  /** When a snapshot of the files was last taken, found to be still what is there, or tried in vain. */
  snapshotCheckedAt: instant('snapshot_checked_at'),
  /** Why the last try was in vain. */
  snapshotError: text('snapshot_error'),
  /** Whoever replaces or copies all files has them to itself. The lease runs out by itself when that server dies in the middle. */
  leaseToken: uuid('lease_token'),
  leaseExpiresAt: instant('lease_expires_at')
}, (table) => [
  index('project_volumes_due').on(table.snapshotDueAt).where(sql`${table.snapshotDueAt} is not null`),
  check('project_volumes_lease', sql`num_nulls(${table.leaseToken}, ${table.leaseExpiresAt}) in (0, 2)`)
])
