import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { abortOnDisconnect } from '../../../http/disconnect.ts'
import { ProjectParamsSchema } from '../../core/schemas.ts'
import { EntrySchema, FileOperationSchema, FindQuerySchema, MatchesSchema } from '../schemas.ts'
import type { FileRoutesOptions } from './options.ts'

const tags = ['files']
const params = ProjectParamsSchema

/** What is done with names: find, make, move, copy. */
export const treeRoutes: FastifyPluginAsyncTypebox<FileRoutesOptions> = async (app, { projectOf, files }) => {
  app.get('/projects/:id/find', {
    config: { access: 'view' },
    schema: { operationId: 'findFiles', summary: 'Look for files by name and content', tags, params, querystring: FindQuerySchema, response: { 200: MatchesSchema } }
  }, async (request, reply) => {
    const project = await projectOf(request)
    return await files.find(project, request.query, abortOnDisconnect(reply))
  })

  app.post('/projects/:id/files', {
    config: { access: 'edit' },
    schema: { operationId: 'changeFiles', summary: 'Make a directory, or move or copy a file or a directory', tags, params, body: FileOperationSchema, response: { 200: EntrySchema } }
  }, async (request) => {
    const project = await projectOf(request)
    const { body } = request
    if (body.op === 'mkdir') return await files.makeDirectory(project, body.path)
    return body.op === 'move' ? await files.move(project, body) : await files.copy(project, body)
  })
}
