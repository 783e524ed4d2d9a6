import Type, { type Static } from 'typebox'
import { closed, Instant, Nullable } from '../../lib/schemas.ts'
import { PersonSchema } from '../members/schemas.ts'

export const HeirSchema = Type.Object({ user: Type.String({ format: 'uuid', description: 'id of an account' }) }, closed)

export const OfferAnswerSchema = Type.Object({
  offer: Nullable(Type.Object({ user: PersonSchema, since: Instant }, closed))
}, closed)
export type OfferAnswer = Static<typeof OfferAnswerSchema>
