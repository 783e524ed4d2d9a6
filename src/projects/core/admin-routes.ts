import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { IdParams } from '../../lib/schemas.ts'
import { traceOf } from '../../plugins/audit.ts'
import { ListAllProjectsSchema, OwnedProjectListSchema } from './schemas.ts'
import type { ProjectService } from './service.ts'

export interface AdminRoutesOptions {
  readonly projects: ProjectService
  /** Throws PROJECT_NOT_FOUND. */
  readonly ownerOf: (id: string) => Promise<string>
  readonly stop: (id: string) => Promise<void>
  readonly remove: (owner: string, id: string) => Promise<void>
}

/** The projects of everybody, for administrators: what is in them is their owners' alone. */
export const adminRoutes: FastifyPluginAsyncTypebox<AdminRoutesOptions> = async (app, { projects, ownerOf, stop, remove }) => {
  const tags = ['projects']

  app.addHook('onRequest', app.requireAdmin)

  app.get('/api/projects', {
    schema: { operationId: 'listAllProjects', summary: 'The projects of everybody, the newest first; for administrators', tags, querystring: ListAllProjectsSchema, response: { 200: OwnedProjectListSchema } }
  }, async ({ query }) => await projects.listAll(query))

  app.post('/api/projects/:id/stop', {
    schema: { operationId: 'stopAnyProject', summary: 'Stop anybody\'s project; for administrators', tags, params: IdParams, response: { 204: Type.Null() } }
  }, async (request, reply) => {
    const { id } = request.params
    const owner = await ownerOf(id)
    await stop(id)
    app.audit({ ...traceOf(request), action: 'project.stop', userId: request.owner, subject: id, details: { owner } })
    return await reply.code(204).send(null)
  })

  app.delete('/api/projects/:id', {
    schema: { operationId: 'deleteAnyProject', summary: 'Delete anybody\'s project with its files; for administrators', tags, params: IdParams, response: { 204: Type.Null() } }
  }, async (request, reply) => {
    const { id } = request.params
    const owner = await ownerOf(id)
    await remove(owner, id)
    app.audit({ ...traceOf(request), action: 'project.delete', userId: request.owner, subject: id, details: { owner } })
    return await reply.code(204).send(null)
  })
}
