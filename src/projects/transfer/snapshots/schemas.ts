import Type, { type Static } from 'typebox'
import { snapshotKinds } from '../../../db/schema/snapshots.ts'
import { closed } from '../../../lib/schemas.ts'
import { NameSchema } from '../../core/schemas.ts'

export const CreateSnapshotSchema = Type.Union([
  Type.Object({ name: Type.Optional(NameSchema) }, closed),
  Type.Null()
])

export const ForkSchema = Type.Union([
  Type.Object({ name: Type.Optional(NameSchema) }, closed),
  Type.Null()
])

export const SnapshotParamsSchema = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 64 }),
  snapshot: Type.String({ minLength: 1, maxLength: 64 })
})

export const SnapshotSchema = Type.Object({
  id: Type.String({ format: 'uuid' }),
  name: Type.Union([Type.String(), Type.Null()]),
  kind: Type.Enum([...snapshotKinds], { description: 'automatic ones are made while a project runs and when it has stopped, if files have changed, and before others are restored; they go by themselves' }),
  size: Type.Integer({ description: 'bytes that it takes, compressed, without those of the full one that it may be the difference to' }),
  differential: Type.Boolean({ description: 'whether it is stored as the difference to a full one' }),
  files: Type.Integer(),
  leftOut: Type.Integer({ description: 'sockets, FIFOs, devices, and what could not be read' }),
  checksum: Type.String({ description: 'SHA-256 in hex' }),
  createdAt: Type.String({ format: 'date-time' })
}, closed)
export type Snapshot = Static<typeof SnapshotSchema>

export const ListSnapshotsSchema = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
  cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 200 }))
}, closed)

export const SnapshotListSchema = Type.Object({
  snapshots: Type.Array(SnapshotSchema),
  nextCursor: Type.Union([Type.String(), Type.Null()])
}, closed)
export type SnapshotList = Static<typeof SnapshotListSchema>
