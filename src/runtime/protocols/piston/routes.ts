import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { errors } from '../../../errors.ts'
import { abortOnDisconnect } from '../../../http/disconnect.ts'
import { describeError } from '../../../http/describe-error.ts'
import { sendInPieces, STREAMED_BYTES } from '../../../http/send-in-pieces.ts'
import type { SessionService } from '../../runs/sessions.ts'
import { acceptUntypedJson } from './body.ts'
import { connectJob } from './connection.ts'
import { usePistonErrors } from './error-handler.ts'
import { createJob } from './job.ts'
import { planConnection, planRequest, type Planner } from './plan.ts'
import { jobBytes } from './result.ts'
import { listRuntimes } from './runtimes.ts'
import { ErrorSchema, JobRequestSchema, JobResultSchema, RuntimesSchema } from './schemas.ts'

export interface PistonRoutesOptions {
  readonly planner: Planner
  readonly sessions: SessionService
}

/** Piston's public API, version 2, for clients that were written for it. */
export const pistonRoutes: FastifyPluginAsyncTypebox<PistonRoutesOptions> = async (app, { planner, sessions }) => {
  usePistonErrors(app)
  acceptUntypedJson(app)

  app.get('/runtimes', {
    schema: {
      operationId: 'listPistonRuntimes',
      summary: 'The languages that can be run now',
      tags: ['piston'],
      response: { 200: RuntimesSchema }
    }
  }, async () => listRuntimes(planner))

  app.post('/execute', {
    bodyLimit: planner.limits.bodyLimitBytes,
    onRequest: app.auth.limitExecutions,
    // The schema is for readers: what is wrong is told in Piston's words, by planRequest.
    validatorCompiler: () => () => true,
    schema: {
      operationId: 'executePistonJob',
      summary: 'Run a program and wait for its result',
      tags: ['piston'],
      body: JobRequestSchema,
      response: { 200: JobResultSchema, '4xx': ErrorSchema }
    }
  }, async (request, reply) => {
    const plan = planRequest(request.body, planner)
    const job = createJob(plan)
    await sessions.execute(request.owner, plan, abortOnDisconnect(reply), request.log, job.tap)
    const result = job.result()
    return jobBytes(result) < STREAMED_BYTES ? result : await sendInPieces(reply, result)
  })

  app.route({
    method: 'GET',
    url: '/connect',
    schema: {
      operationId: 'connectPistonJob',
      summary: 'Run a program over a WebSocket, whose first message is {"type":"init", …}',
      tags: ['piston']
    },
    onRequest: app.auth.limitExecutions,
    handler: (_request, reply) => { reply.callNotFound() },
    wsHandler (socket, request) {
      const connection = connectJob(socket, {
        start: async (init) => await sessions.start(request.owner, planConnection(init, planner), request.log),
        describeError
      })
      if (request.principal === null) return
      socket.once('close', app.auth.onRevoked(request.principal, () => connection.refuse(new errors.UNAUTHENTICATED())))
    }
  })

  app.route({
    method: ['GET', 'POST', 'DELETE'],
    url: '/packages',
    schema: { hide: true },
    handler: async (_request, reply) => await reply.code(404).send({
      message: 'Packages are not managed over this API: the server has the languages of GET /api/v2/runtimes'
    })
  })
}
