import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { traceOf } from '../../plugins/audit.ts'
import type { ProjectOf } from '../core/access.ts'
import { ProjectParamsSchema } from '../core/schemas.ts'
import { RunBodySchema, RunSchema } from './schemas.ts'
import type { createRunService } from './service.ts'

export interface RunRoutesOptions {
  readonly projectOf: ProjectOf
  readonly run: ReturnType<typeof createRunService>
}

export const runRoutes: FastifyPluginAsyncTypebox<RunRoutesOptions> = async (app, { projectOf, run }) => {
  app.post('/projects/:id/run', {
    config: { access: 'edit' },
    schema: {
      operationId: 'runProject',
      summary: 'Run a file, or the project, by its berth.json or else by its language, in a process with a terminal',
      tags: ['processes'],
      params: ProjectParamsSchema,
      body: RunBodySchema,
      response: { 201: RunSchema }
    }
  }, async (request, reply) => {
    const project = await projectOf(request)
    const process = await run.run(project, request.body)
    app.audit({ ...traceOf(request), action: 'process.start', userId: request.owner, subject: project.id, details: { process: process.id, keep: false } })
    return await reply.code(201).send(process)
  })
}
