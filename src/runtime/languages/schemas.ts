import Type, { type Static } from 'typebox'
import { closed, Nullable } from '../../lib/schemas.ts'

const LanguageSchema = Type.Object({
  language: Type.String(),
  name: Type.String(),
  version: Type.String({ description: 'empty while the language is not ready' }),
  aliases: Type.Array(Type.String()),
  kind: Type.Enum(['interpreted', 'compiled']),
  extension: Type.String(),
  mainFile: Type.String({ description: 'what a program of one file is called' }),
  starter: Nullable(Type.String({ description: 'a first program' })),
  image: Type.String(),
  limits: Type.Object({
    timeout: Type.Integer({ description: 'milliseconds' }),
    memory: Type.Integer({ description: 'bytes' }),
    cpus: Type.Number()
  }, closed),
  ready: Type.Boolean(),
  problem: Type.Optional(Type.String({ description: 'why its sandbox does not start; absent while only the image is missing' }))
}, closed)
export type Language = Static<typeof LanguageSchema>

export const LanguagesSchema = Type.Object({ languages: Type.Array(LanguageSchema) }, closed)
