import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { LanguagesSchema, type Language } from './schemas.ts'
import type { CatalogueEntry, Readiness } from './readiness.ts'

export const languageRoutes: FastifyPluginAsyncTypebox<{ readiness: Readiness }> = async (app, { readiness }) => {
  app.get('/api/languages', {
    schema: {
      operationId: 'listLanguages',
      summary: 'The languages that this server runs',
      tags: ['catalogue'],
      response: { 200: LanguagesSchema }
    }
  }, async () => ({ languages: readiness.entries.map((entry) => presentLanguage(entry, readiness)) }))
}

function presentLanguage ({ definition, image }: CatalogueEntry, readiness: Readiness): Language {
  const { language, name, aliases, kind, extension, limits } = definition
  const runtime = readiness.ready(language)
  return {
    language,
    name,
    version: runtime?.version ?? '',
    aliases: [...aliases],
    kind,
    extension,
    image,
    limits: { timeout: limits.timeout, memory: limits.memory, cpus: limits.cpus },
    ready: runtime !== undefined
  }
}
