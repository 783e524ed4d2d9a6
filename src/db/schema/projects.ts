import { sql } from 'drizzle-orm'
import { bigint, check, doublePrecision, index, integer, pgSequence, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { lengthBetween, oneOf } from './checks.ts'
import { createdAt, instant } from './columns.ts'
import { users } from './users.ts'

export const projectStatuses = ['stopped', 'starting', 'running', 'stopping', 'error'] as const
export type ProjectStatus = typeof projectStatuses[number]

export const previewAudiences = ['private', 'public'] as const
export type PreviewAudience = typeof previewAudiences[number]

export const projectNetworks = ['internet', 'none'] as const
export type ProjectNetworkChoice = typeof projectNetworks[number]

/**
 * Above what hosts give out, and no more than 2^21 - 1, which is all that the older forms of tar can write down. A million
 * projects later the first number comes again.
 */
export const projectUids = pgSequence('project_uids', { minValue: 2 ** 20 + 1, maxValue: 2 ** 21 - 1, startWith: 2 ** 20 + 1, cycle: true })

export const projects = pgTable('projects', {
  id: uuid('id').primaryKey().defaultRandom(),
  userId: uuid('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  name: text('name').notNull(),
  runtime: text('runtime').notNull(),
  status: text('status', { enum: projectStatuses }).notNull().default('stopped'),
  /** Why the status is `error`, or why a container that nobody stopped has ended. */
  error: text('error'),
  previews: text('previews', { enum: previewAudiences }).notNull().default('private'),
  /** `internet` is what the server lets projects reach. */
  network: text('network', { enum: projectNetworks }).notNull().default('internet'),
  /** What its container may have; null for what the server gives to those that have not chosen. */
  memoryBytes: bigint('memory_bytes', { mode: 'number' }),
  cpus: doublePrecision('cpus'),
  /** User and group id of its sandboxes and of its files. Projects from before there were such have 1000. */
  uid: integer('uid').notNull().default(sql`nextval('project_uids')`),
  createdAt: createdAt(),
  updatedAt: instant('updated_at').notNull().defaultNow(),
  lastActiveAt: instant('last_active_at').notNull().defaultNow(),
  /** What a server is doing to the project. The lease runs out by itself when that server dies in the middle. */
  operation: text('operation'),
  /** Of that one operation: whoever lost the lease and wakes up again cannot write with it. */
  operationOwner: uuid('operation_owner'),
  operationExpiresAt: instant('operation_expires_at'),
  /** Of leases so far: a container carries that of the lease under which it was made. */
  leaseNumber: bigint('lease_number', { mode: 'number' }).notNull().default(0),
  /** From here on the project is nobody's; the row stays until its container and volume are gone. */
  deletedAt: instant('deleted_at')
}, (table) => [
  index('projects_list').on(table.userId, table.createdAt, table.id),
  index('projects_list_all').on(table.createdAt, table.id),
  // What the reconciler and the idle check list: everything that is not stopped.
  index('projects_awake').on(table.status, table.lastActiveAt).where(sql`${table.status} <> 'stopped'`),
  index('projects_operation').on(table.operationExpiresAt).where(sql`${table.operation} is not null`),
  index('projects_deleted').on(table.deletedAt).where(sql`${table.deletedAt} is not null`),
  check('projects_name_length', lengthBetween(table.name, 1, 100)),
  check('projects_runtime_length', lengthBetween(table.runtime, 1, 64)),
  check('projects_status', oneOf(table.status, projectStatuses)),
  check('projects_previews', oneOf(table.previews, previewAudiences)),
  check('projects_network', oneOf(table.network, projectNetworks)),
  check('projects_memory', sql`${table.memoryBytes} > 0`),
  check('projects_cpus', sql`${table.cpus} > 0`),
  check('projects_error', sql`${table.status} <> 'error' or ${table.error} is not null`),
  check('projects_lease', sql`num_nulls(${table.operation}, ${table.operationOwner}, ${table.operationExpiresAt}) in (0, 3)`)
])
