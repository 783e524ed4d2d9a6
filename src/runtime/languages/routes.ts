import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Catalogue, Runtime } from '../../sandbox/images/catalogue.ts'
import type { Readiness } from './readiness.ts'
import { LanguagesSchema, type Language } from './schemas.ts'

export interface LanguageRoutesOptions {
  readonly catalogue: Catalogue
  readonly imageOf: (language: string) => string
  readonly readiness: Readiness
}

export const languageRoutes: FastifyPluginAsyncTypebox<LanguageRoutesOptions> = async (app, { catalogue, imageOf, readiness }) => {
  app.get('/api/languages', {
    schema: {
      operationId: 'listLanguages',
      summary: 'The languages that this server runs',
      tags: ['catalogue'],
      response: { 200: LanguagesSchema }
    }
  }, async () => ({
    languages: catalogue.runtimes.map((definition) =>
      presentLanguage(definition, imageOf(definition.language), readiness))
  }))
}

function presentLanguage (definition: Runtime, image: string, readiness: Readiness): Language {
  const { language, name, aliases, kind, extension, mainFile, starter = null, limits } = definition
  const runtime = readiness.ready(language)
  const problem = readiness.problem(language)
  return {
    language,
    name,
    version: runtime?.version ?? '',
    aliases: [...aliases],
    kind,
    extension,
    mainFile,
    starter,
    image,
    limits: { timeout: limits.timeout, memory: limits.memory, cpus: limits.cpus },
    ready: runtime !== undefined,
    ...(problem === undefined ? {} : { problem })
  }
}
