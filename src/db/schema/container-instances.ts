import { sql } from 'drizzle-orm'
import { bigint, check, index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { oneOf } from './checks.ts'
import { createdAt, instant } from './columns.ts'
import { projects } from './projects.ts'

export const containerStates = ['created', 'running', 'stopped'] as const
export type ContainerState = typeof containerStates[number]

/** A container that was made for a project. The Engine has the last word on whether it is there. */
export const containerInstances = pgTable('container_instances', {
  id: uuid('id').primaryKey().defaultRandom(),
  projectId: uuid('project_id').notNull().references(() => projects.id, { onDelete: 'cascade' }),
  /** The Engine's id. */
  containerId: text('container_id').notNull(),
  image: text('image').notNull(),
  previewHostPort: integer('preview_host_port'),
  state: text('state', { enum: containerStates }).notNull().default('created'),
  /** Of the server that tells of starts and ends of its processes, alive or not, once there have been any. */
  followerId: uuid('follower_id'),
  /** The agent's number of the last of them that was told. */
  toldChange: bigint('told_change', { mode: 'number' }).notNull().default(0),
  createdAt: createdAt(),
  startedAt: instant('started_at'),
  stoppedAt: instant('stopped_at')
}, (table) => [
  uniqueIndex('container_instances_container').on(table.containerId),
  uniqueIndex('container_instances_live').on(table.projectId).where(sql`${table.state} <> 'stopped'`),
  index('container_instances_list').on(table.projectId, table.createdAt, table.id),
  check('container_instances_state', oneOf(table.state, containerStates)),
  check('container_instances_port', sql`${table.previewHostPort} between 1 and 65535`)
])
