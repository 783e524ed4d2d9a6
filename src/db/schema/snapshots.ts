import { sql } from 'drizzle-orm'
import { bigint, check, index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { lengthBetween, oneOf } from './checks.ts'
import { bytea, createdAt, instant } from './columns.ts'
import { assignments } from './assignments.ts'
import { projects } from './projects.ts'

export const snapshotKinds = ['manual', 'automatic'] as const
export type SnapshotKind = typeof snapshotKinds[number]

export const snapshotStates = ['pending', 'complete'] as const

/** All files of a project at one time, kept outside the Engine. */
export const snapshots = pgTable('snapshots', {
  id: uuid('id').primaryKey().defaultRandom(),
  /** Null from its deletion, or its project's, until the object is gone as well. */
  projectId: uuid('project_id').references(() => projects.id, { onDelete: 'set null' }),
  /** Of one that an assignment begins with; likewise null from the assignment's deletion on. */
  assignmentId: uuid('assignment_id').references(() => assignments.id, { onDelete: 'set null' }),
  name: text('name'),
  kind: text('kind', { enum: snapshotKinds }).notNull(),
  /** Before the object is written there is a row that leads to it, and nobody is shown a pending one. */
  state: text('state', { enum: snapshotStates }).notNull().default('pending'),
  /** In the storage. A project made from a snapshot has a row of its own with the same object. */
  objectKey: text('object_key').notNull(),
  /** Bytes of the object. */
  size: bigint('size', { mode: 'number' }).notNull().default(0),
  files: integer('files').notNull().default(0),
  /** Special files, and those that could not be read. */
  leftOut: integer('left_out').notNull().default(0),
  /** SHA-256 of the object. */
  checksum: bytea('checksum'),
  /** Of its files, their holes included: what a restore may write. Null for snapshots of before it was counted. */
  contentBytes: bigint('content_bytes', { mode: 'number' }),
  /**
   * Of a differential one: the object of the full snapshot that it is the difference to, and what is known of that. The
   * object stays for as long as any row needs it, also when the row of the full snapshot is gone.
   */
  baseObjectKey: text('base_object_key'),
  baseSize: bigint('base_size', { mode: 'number' }),
  baseChecksum: bytea('base_checksum'),
  baseTakenAt: instant('base_taken_at'),
  baseContentBytes: bigint('base_content_bytes', { mode: 'number' }),
  /** Of the listing, to tell whether anything has changed since. */
  digest: bytea('digest'),
  createdAt: createdAt()
}, (table) => [
  index('snapshots_list').on(table.projectId, table.createdAt, table.id),
  index('snapshots_object').on(table.objectKey),
  index('snapshots_base').on(table.baseObjectKey).where(sql`${table.baseObjectKey} is not null`),
  index('snapshots_garbage').on(table.id).where(sql`${table.projectId} is null and ${table.assignmentId} is null`),
  uniqueIndex('snapshots_assignment').on(table.assignmentId),
  index('snapshots_pending').on(table.projectId).where(sql`${table.state} = 'pending'`),
  check('snapshots_of', sql`${table.projectId} is null or ${table.assignmentId} is null`),
  check('snapshots_kind', oneOf(table.kind, snapshotKinds)),
  check('snapshots_state', oneOf(table.state, snapshotStates)),
  check('snapshots_name_length', lengthBetween(table.name, 1, 100)),
  check('snapshots_hash_lengths', sql`octet_length(${table.checksum}) = 32 and octet_length(${table.digest}) = 32`),
  check('snapshots_base', sql`num_nulls(${table.baseObjectKey}, ${table.baseSize}, ${table.baseChecksum}, ${table.baseTakenAt}, ${table.baseContentBytes}) in (0, 5)`),
  check('snapshots_complete', sql`${table.state} = 'pending' or num_nulls(${table.checksum}, ${table.digest}) = 0`)
])
