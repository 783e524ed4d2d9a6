import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyBaseLogger } from 'fastify'
import Type from 'typebox'
import { pingDatabase } from '../db/ping.ts'
import { retryAfterSeconds } from '../errors.ts'
import { readGauge } from '../lib/read-gauge.ts'
import { closed } from '../lib/schemas.ts'

const DEADLINE_MS = 2_000
// Public: what exactly is in the log.
const MISMATCH = 'The Engine and the database do not belong together, so projects are not worked on. The log of the server says what to do'

const ReadySchema = Type.Object({ status: Type.Enum(['ready', 'unavailable']), engine: Type.Boolean(), database: Type.Boolean(), problem: Type.Optional(Type.String()) }, closed)

const health: FastifyPluginAsyncTypebox<{ version: string }> = async (app, { version }) => {
  async function ask (log: FastifyBaseLogger) {
    const answers = async (name: string, asked: Promise<unknown>): Promise<boolean> => await asked.then(() => true, (err: unknown) => {
      log.warn({ err }, `${name} does not answer`)
      return false
    })
    const [engine, database] = await Promise.all([
      answers('engine', app.docker.system.ping({ deadlineMs: DEADLINE_MS })),
      answers('database', pingDatabase(app.db, DEADLINE_MS))
    ])
    return { engine, database, fits: app.engineBinding.problem() === undefined }
  }

  app.get('/health', {
    config: { isUnlimited: true },
    schema: {
      operationId: 'health',
      summary: 'Answers while the process serves',
      tags: ['system'],
      response: { 200: Type.Object({ status: Type.Literal('ok'), version: Type.String() }, closed) }
    }
  }, async () => ({ status: 'ok' as const, version }))

  app.get('/ready', {
    config: { isUnlimited: true },
    schema: {
      operationId: 'ready',
      summary: 'Answers 200 when everything that a run needs is there',
      tags: ['system'],
      response: { 200: ReadySchema, 503: ReadySchema }
    }
  }, async (request, reply) => {
    const { engine, database, fits } = await ask(request.log)
    const isReady = engine && database && fits
    if (!isReady) void reply.code(503).header('Retry-After', retryAfterSeconds)
    return { status: isReady ? 'ready' as const : 'unavailable' as const, engine, database, ...(fits ? {} : { problem: MISMATCH }) }
  })

  readGauge(app.metrics, {
    name: 'ready',
    help: '1 for what a run or project needs and is there: the Engine, the database, and that they belong together',
    labels: ['part'],
    read: async () => Object.entries(await ask(app.log)).map(([part, isThere]) => [{ part }, Number(isThere)])
  })
}

export default health
