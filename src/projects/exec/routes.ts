import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { traceOf } from '../../plugins/audit.ts'
import { abortOnDisconnect } from '../../http/disconnect.ts'
import type { ProjectOf } from '../core/access.ts'
import { ProjectParamsSchema } from '../core/schemas.ts'
import { ExecBodySchema, ExecResultSchema } from './schemas.ts'
import type { ExecService } from './service.ts'

export interface ExecRoutesOptions {
  readonly projectOf: ProjectOf
  readonly exec: ExecService
}

export const execRoutes: FastifyPluginAsyncTypebox<ExecRoutesOptions> = async (app, { projectOf, exec }) => {
  app.post('/projects/:id/exec', {
    config: { access: 'edit' },
    schema: {
      operationId: 'execInProject',
      summary: 'Run a command in a project and wait for its end',
      tags: ['projects'],
      params: ProjectParamsSchema,
      body: ExecBodySchema,
      response: { 200: ExecResultSchema }
    }
  }, async (request, reply) => {
    const signal = abortOnDisconnect(reply)
    const project = await projectOf(request)
    const result = await exec.exec(project, request.body, signal)
    app.audit({ action: 'project.exec', userId: request.owner, subject: project.id, details: { status: result.status }, ...traceOf(request) })
    return result
  })
}
