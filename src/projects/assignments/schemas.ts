import Type, { type Static } from 'typebox'
import { projectStatuses } from '../../db/schema/projects.ts'
import { closed, Instant, Nullable } from '../../lib/schemas.ts'
import { NameSchema } from '../core/schemas.ts'
import type { Snapshot } from '../transfer/snapshots/schemas.ts'

const id = Type.String({ format: 'uuid' })
const DueAtSchema = Type.String({ format: 'date-time', description: 'when the work is due; everybody sees it, and can go on after it' })

export const CreateAssignmentSchema = Type.Object({
  name: NameSchema,
  project: Type.Optional(Type.String({ format: 'uuid', description: 'one that you work in: copies begin with the files that it has now' })),
  snapshot: Type.Optional(Type.String({ format: 'uuid', description: 'a snapshot of one, instead' })),
  dueAt: Type.Optional(DueAtSchema)
}, closed)
export type CreateAssignment = Static<typeof CreateAssignmentSchema>

export const ChangeAssignmentSchema = Type.Object({
  name: Type.Optional(NameSchema),
  dueAt: Type.Optional(Nullable(DueAtSchema)),
  closed: Type.Optional(Type.Boolean({ description: 'whether there are no more copies' }))
}, { ...closed, minProperties: 1 })
export type ChangeAssignment = Static<typeof ChangeAssignmentSchema>

export const OpenAssignmentSchema = Type.Object({ token: Type.String({ minLength: 1, maxLength: 100, description: 'what follows the # in the link' }) }, closed)
export const SnapshotCopiesSchema = Type.Union([Type.Object({ name: Type.Optional(NameSchema) }, closed), Type.Null()])
export const CollectQuerySchema = Type.Object({
  exclude: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 255 }), { maxItems: 100, description: 'names of files and directories to leave out, such as node_modules' }))
}, closed)

const AssignmentSchema = Type.Object({
  id,
  name: Type.String(),
  runtime: Type.String(),
  copies: Type.Integer(),
  createdAt: Instant,
  dueAt: Nullable(Instant),
  closedAt: Nullable(Instant)
}, closed)
export type Assignment = Static<typeof AssignmentSchema>

const link = Type.String({ description: 'gives whoever opens it a copy of their own; shown this once' })
export const AssignmentAnswerSchema = Type.Object({ assignment: AssignmentSchema }, closed)
export const NewAssignmentSchema = Type.Object({ assignment: AssignmentSchema, link }, closed)
export const LinkSchema = Type.Object({ link }, closed)
export const AssignmentsSchema = Type.Object({ assignments: Type.Array(AssignmentSchema), nextCursor: Nullable(Type.String()) }, closed)

const PersonSchema = Type.Object({ id, email: Nullable(Type.String()), name: Nullable(Type.String()) }, closed)
const CopySchema = Type.Object({
  project: Type.Object({ id, name: Type.String(), status: Type.Enum([...projectStatuses]), createdAt: Instant, lastActiveAt: Instant }, closed),
  owner: PersonSchema,
  snapshotAt: Nullable(Type.String({ format: 'date-time', description: 'when the newest snapshot was taken' }))
}, closed)
export type Copy = Static<typeof CopySchema>

const OwnCopySchema = Type.Object({ project: id, name: Type.String(), dueAt: Nullable(Instant), closedAt: Nullable(Instant) }, closed)
export type OwnCopy = Static<typeof OwnCopySchema>
export const OwnCopiesSchema = Type.Object({ copies: Type.Array(OwnCopySchema), nextCursor: Type.Null({ description: 'always null: there are never many' }) }, closed)
export const CopiesSchema = Type.Object({ copies: Type.Array(CopySchema), nextCursor: Nullable(Type.String()) }, closed)

/** A line of JSON for each copy. */
export interface Taken {
  readonly project: string
  readonly owner: Static<typeof PersonSchema>
  readonly snapshot: Snapshot | null
  readonly error: { readonly code: string, readonly message: string } | null
}
