import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { errors } from '../../errors.ts'
import type { Catalogue, Runtime } from '../../sandbox/images/catalogue.ts'
import type { ProjectImages, ProjectImageState } from './project-images.ts'
import type { Readiness } from './readiness.ts'
import { LanguageParamsSchema, LanguagesSchema, OneLanguageSchema, type Language, type OneLanguage } from './schemas.ts'

export interface LanguageRoutesOptions {
  readonly catalogue: Catalogue
  readonly imageOf: (language: string) => string
  readonly projectImages: ProjectImages
  readonly readiness: Readiness
}

const tags = ['catalogue']

export const languageRoutes: FastifyPluginAsyncTypebox<LanguageRoutesOptions> = async (app, { catalogue, imageOf, projectImages, readiness }) => {
  const present = (definition: Runtime, project: ProjectImageState): Language => presentLanguage(definition, imageOf(definition.language), readiness, project)

  app.get('/api/languages', {
    schema: { operationId: 'listLanguages', summary: 'The languages that this server runs', tags, response: { 200: LanguagesSchema } }
  }, async () => {
    const projectImageOf = await projectImages()
    return { languages: catalogue.runtimes.map((definition) => present(definition, projectImageOf(definition.language))) }
  })

  app.get('/api/languages/:language', {
    schema: { operationId: 'getLanguage', summary: 'One of them, with its files and commands', tags, params: LanguageParamsSchema, response: { 200: OneLanguageSchema } }
  }, async ({ params: { language } }): Promise<OneLanguage> => {
    const definition = catalogue.find(language)
    if (definition === undefined) throw new errors.LANGUAGE_NOT_FOUND(JSON.stringify(language))
    const { extension, extensions = [], compile, run } = definition
    return {
      ...present(definition, (await projectImages())(definition.language)),
      extensions: [extension, ...extensions],
      commands: { compile: compile?.command ?? null, run: run.command }
    }
  })
}

function presentLanguage (definition: Runtime, image: string, readiness: Readiness, projectImage: ProjectImageState): Language {
  const { language, name, aliases, kind, extension, mainFile, limits, starter = null, project, languageServers = {}, formatters = [] } = definition
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
    ...(problem === undefined ? {} : { problem }),
    project: {
      ...projectImage,
      memory: project?.memory ?? null,
      tools: project?.tools ?? [],
      languageServers: Object.keys(languageServers),
      formatters: formatters.flatMap(({ extensions }) => extensions),
      packages: project?.packages !== undefined
    }
  }
}
