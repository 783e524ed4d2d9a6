import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { traceOf } from '../../plugins/audit.ts'
import { abortOnDisconnect } from '../../http/disconnect.ts'
import type { ProjectRow } from '../core/repo.ts'
import { ProjectParamsSchema } from '../core/schemas.ts'
import { ExecBodySchema, ExecResultSchema } from './schemas.ts'
import type { ExecService } from './service.ts'

export interface ExecRoutesOptions {
  readonly find: (owner: string, id: string) => Promise<ProjectRow>
  readonly exec: ExecService
}

export const execRoutes: FastifyPluginAsyncTypebox<ExecRoutesOptions> = async (app, { find, exec }) => {
  app.post('/projects/:id/exec', {
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
    const { id } = await find(request.owner, request.params.id)
    const result = await exec.exec(id, request.body, signal)
    app.audit({ action: 'project.exec', userId: request.owner, subject: id, details: { status: result.status }, ...traceOf(request) })
    return result
  })
}
