import Type, { type Static } from 'typebox'
import { closed } from '../../lib/schemas.ts'
import { ProcessSchema, SizeSchema } from '../processes/schemas.ts'

export const RunBodySchema = Type.Object({
  path: Type.Optional(Type.String({ minLength: 1, maxLength: 4096, description: 'the file to run; without it the project is run, as berth.json says or by its main file' })),
  args: Type.Optional(Type.Array(Type.String(), { maxItems: 100 })),
  task: Type.Optional(Type.Enum(['run', 'build', 'test'], { description: 'what berth.json has a command for; default run' })),
  size: Type.Optional(SizeSchema)
}, closed)
export type RunBody = Static<typeof RunBodySchema>

export const RunSchema = Type.Object({
  ...ProcessSchema.properties,
  preview: Type.Object({
    port: Type.Integer({ description: 'where its server is expected: what berth.json says, else what all projects are given as PORT' }),
    url: Type.String()
  }, closed)
}, closed)
export type RunReport = Static<typeof RunSchema>
