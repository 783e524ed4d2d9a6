import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type, { type Static } from 'typebox'
import type { DockerClient } from '../../docker/index.ts'
import { errors } from '../../errors.ts'
import { closed, Instant, Nullable } from '../../lib/schemas.ts'
import { isThere } from '../../sandbox/images/build-missing.ts'
import type { BuildProgress } from '../../sandbox/images/progress.ts'
import type { ImageSpec, ImageSpecs } from '../../sandbox/images/resolve.ts'
import type { BackgroundBuilds } from './background-builds.ts'

const BuildSchema = Type.Object({
  image: Type.String(),
  reference: Type.String(),
  state: Type.Enum(['ready', 'missing', 'queued', 'building', 'failed']),
  step: Nullable(Type.String({ description: 'of its Dockerfile, such as `3/7 : RUN make`' })),
  error: Nullable(Type.String()),
  startedAt: Nullable(Instant),
  endedAt: Nullable(Instant)
}, closed)
type Build = Static<typeof BuildSchema>

const BuildsSchema = Type.Object({ builds: Type.Array(BuildSchema) }, closed)
const BuildWithLogSchema = Type.Object({ build: Type.Object({ ...BuildSchema.properties, log: Type.String({ description: 'the end of what was printed' }) }, closed) }, closed)
const ParamsSchema = Type.Object({ image: Type.String({ minLength: 1, maxLength: 64 }) }, closed)

export interface BuildRoutesOptions {
  readonly docker: DockerClient
  readonly images: ImageSpecs
  readonly progress: BuildProgress
  /** Undefined where this server builds none. */
  readonly builds: BackgroundBuilds | undefined
}

/** The images of sandboxes, for administrators. */
export const buildRoutes: FastifyPluginAsyncTypebox<BuildRoutesOptions> = async (app, { docker, images, progress, builds }) => {
  const tags = ['system']

  async function present (spec: ImageSpec): Promise<Build> {
    const { state = 'built', step = null, error = null, startedAt = null, endedAt = null } = progress.report(spec.name) ?? {}
    return {
      image: spec.name,
      reference: spec.reference,
      state: state !== 'built' ? state : await isThere(docker, spec) ? 'ready' : 'missing',
      step,
      error,
      startedAt: startedAt?.toISOString() ?? null,
      endedAt: endedAt?.toISOString() ?? null
    }
  }

  app.addHook('onRequest', app.requireAdmin)

  app.get('/api/builds', {
    schema: { operationId: 'listBuilds', summary: 'The images that sandboxes are made of, and how far those are that are missing; for administrators', tags, response: { 200: BuildsSchema } }
  }, async () => ({ builds: await Promise.all([...images.values()].map(present)) }))

  app.get('/api/builds/:image', {
    schema: { operationId: 'getBuild', summary: 'One of them, with what its build has printed; for administrators', tags, params: ParamsSchema, response: { 200: BuildWithLogSchema } }
  }, async ({ params: { image } }) => {
    const spec = images.get(image)
    if (spec === undefined) throw new errors.IMAGE_NOT_FOUND(image)
    return { build: { ...await present(spec), log: progress.report(image)?.log ?? '' } }
  })

  app.post('/api/builds', {
    schema: { operationId: 'startBuilds', summary: 'Build what is missing, also what has failed before; for administrators', tags, response: { 202: Type.Null() } }
  }, async (_request, reply) => {
    if (builds === undefined) throw new errors.BUILDS_OFF()
    builds.start()
    return await reply.code(202).send(null)
  })
}
