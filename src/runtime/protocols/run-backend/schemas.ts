import Type from 'typebox'
import { closed } from '../../../lib/schemas.ts'

const Name = Type.Optional(Type.String({ maxLength: 256 }))

export const RunBackendBodySchema = Type.Object({
  code: Type.String({ minLength: 1 }),
  language: Type.String({ minLength: 1, maxLength: 64, description: 'a language of GET /api/languages or one of its aliases' }),
  userContext: Type.Optional(Type.Object({ userId: Name, roomId: Name, sessionName: Name }, { ...closed, description: 'the caller\'s own names, for the server\'s log' }))
}, closed)

export const RunBackendResultSchema = Type.Object({
  sessionId: Type.String({ format: 'uuid' }),
  containerId: Type.String(),
  status: Type.Literal('running')
}, closed)
