import Type from 'typebox'
import { closed } from '../../lib/schemas.ts'
import { KnownPasswordSchema } from '../accounts/schemas.ts'

const NEXT_MAX = 1_024

export const BeginQuerySchema = Type.Object({
  next: Type.Optional(Type.String({ maxLength: NEXT_MAX, description: 'where to go afterwards: a path of this server' }))
}, closed)

// Providers add what they like.
export const CallbackQuerySchema = Type.Object({
  state: Type.Optional(Type.String({ maxLength: 1_024 })),
  code: Type.Optional(Type.String({ maxLength: 8_192 })),
  iss: Type.Optional(Type.String({ maxLength: 1_024 })),
  error: Type.Optional(Type.String({ maxLength: 1_024 }))
})

export const ConnectBodySchema = Type.Object({ password: KnownPasswordSchema }, closed)
