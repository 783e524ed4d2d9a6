import Type, { type Static } from 'typebox'
import { closed, Instant } from '../../../lib/schemas.ts'
import { NameSchema } from '../../core/schemas.ts'

export const VolumeParamsSchema = Type.Object({ project: Type.String({ minLength: 1, maxLength: 64, description: 'id of the project that it was of' }) })

const VolumeSchema = Type.Object({
  project: Type.String({ description: 'id of the project that it was of, as its label says' }),
  name: Type.String({ description: 'on the Engine' }),
  since: Instant,
  removedAt: Type.String({ format: 'date-time', description: 'when it is removed, unless somebody wants it' })
}, closed)
export type ShownVolume = Static<typeof VolumeSchema>

export const VolumeListSchema = Type.Object({ volumes: Type.Array(VolumeSchema), nextCursor: Type.Null({ description: 'always null: the oldest 1000 are listed' }) }, closed)

export const RestoreVolumeSchema = Type.Object({
  name: NameSchema,
  runtime: Type.String({ minLength: 1, maxLength: 64 }),
  owner: Type.Optional(Type.String({ format: 'uuid', description: 'id of the account whose project it is to be; yours, when left out' }))
}, closed)
export type RestoreVolume = Static<typeof RestoreVolumeSchema>
