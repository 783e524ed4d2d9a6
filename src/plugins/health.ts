import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { retryAfterSeconds } from '../errors.ts'

const ENGINE_DEADLINE_MS = 2_000

const closed = { additionalProperties: false } as const
const ReadySchema = Type.Object({ status: Type.Enum(['ready', 'unavailable']), engine: Type.Boolean() }, closed)

const health: FastifyPluginAsyncTypebox = async (app) => {
  app.get('/health', {
    schema: {
      operationId: 'health',
      summary: 'Answers while the process serves',
      tags: ['system'],
      response: { 200: Type.Object({ status: Type.Literal('ok') }, closed) }
    }
  }, async () => ({ status: 'ok' as const }))

  app.get('/ready', {
    schema: {
      operationId: 'ready',
      summary: 'Answers 200 when everything that a run needs is there',
      tags: ['system'],
      response: { 200: ReadySchema, 503: ReadySchema }
    }
  }, async (request, reply) => {
    const engine = await app.docker.system.ping({ deadlineMs: ENGINE_DEADLINE_MS }).then(() => true, (err: unknown) => {
      request.log.warn({ err }, 'engine does not answer')
      return false
    })
    if (!engine) void reply.code(503).header('Retry-After', retryAfterSeconds)
    return { status: engine ? 'ready' as const : 'unavailable' as const, engine }
  })
}

export default health
