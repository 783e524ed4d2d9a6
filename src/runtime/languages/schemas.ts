import Type, { type Static } from 'typebox'
import { closed, Nullable } from '../../lib/schemas.ts'

const ProjectImageSchema = Type.Object({
  image: Type.String(),
  ready: Type.Boolean({ description: 'whether it is built, so that projects can be started' }),
  step: Nullable(Type.String({ description: 'of its build, such as `3/7 : RUN make`' })),
  memory: Nullable(Type.Integer({ description: 'bytes that its language server and a development server need together; null where it is no more than projects usually have' })),
  tools: Type.Array(Type.String(), { description: 'programs that it has for people of the language, beside those of all' }),
  languageServers: Type.Array(Type.String(), { description: 'what can be named in /projects/:id/language-servers/:language' }),
  formatters: Type.Array(Type.String(), { description: 'extensions of files that can be formatted' }),
  packages: Type.Boolean({ description: 'whether a berth.json may name "packages"' })
}, closed)

const languageProperties = {
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
  problem: Type.Optional(Type.String({ description: 'why its sandbox does not start; absent while only the image is missing' })),
  project: ProjectImageSchema
}
const LanguageSchema = Type.Object(languageProperties, closed)
export type Language = Static<typeof LanguageSchema>

const CommandSchema = Type.Array(Type.String(), { description: '{main}, {stem} and {sources} are the files, {out} where a compiler puts what it makes' })
export const OneLanguageSchema = Type.Object({
  ...languageProperties,
  extensions: Type.Array(Type.String(), { description: 'of sources, the usual one first' }),
  commands: Type.Object({ compile: Nullable(CommandSchema), run: CommandSchema }, closed)
}, closed)
export type OneLanguage = Static<typeof OneLanguageSchema>

export const LanguageParamsSchema = Type.Object({ language: Type.String({ minLength: 1, maxLength: 64, description: 'or one of its aliases' }) }, closed)

export const LanguagesSchema = Type.Object({ languages: Type.Array(LanguageSchema) }, closed)
