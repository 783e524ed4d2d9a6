import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { abortOnDisconnect } from '../../plugins/disconnect.ts'
import { ExecuteBodySchema, ExecuteResultSchema } from './schemas.ts'
import type { ExecutionService } from './service.ts'

export const executionRoutes: FastifyPluginAsyncTypebox<{ execution: ExecutionService, bodyLimit: number }> = async (app, { execution, bodyLimit }) => {
  app.post('/api/execute', {
    bodyLimit,
    schema: {
      operationId: 'execute',
      summary: 'Run a program and wait for its result',
      tags: ['execution'],
      body: ExecuteBodySchema,
      response: { 200: ExecuteResultSchema }
    }
  }, async (request, reply) =>
    await execution.execute(request.owner, request.body, abortOnDisconnect(reply), request.log))
}
