import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { createSocketGate } from '../../../sockets/gate.ts'
import { ProjectParamsSchema } from '../../core/schemas.ts'
import { ListingSchema, ListQuerySchema } from '../schemas.ts'
import { may } from '../../core/roles.ts'
import type { RoleWatch } from '../../core/role-watch.ts'
import type { Viewers } from '../../workspace/viewers.ts'
import type { Workspace } from '../../workspace/workspace.ts'
import { converse } from '../socket/conversation.ts'
import type { FileRoutesOptions } from './options.ts'

export interface ListRouteOptions extends FileRoutesOptions {
  readonly auth: FastifyInstance['auth']
  readonly workspace: Workspace
  readonly viewers: Viewers
  readonly roles: RoleWatch
}

/** A directory's entries, and at the same address the socket. */
export const listRoute: FastifyPluginAsyncTypebox<ListRouteOptions> = async (app, { auth, projectOf, files, workspace, viewers, roles }) => {
  const { identify, serve } = createSocketGate(auth)
  app.decorateRequest('refusal', null)

  app.route({
    method: 'GET',
    url: '/projects/:id/files',
    attachValidation: true,
    // Over the socket, each request that changes something asks for more.
    config: { access: 'view' },
    schema: {
      operationId: 'listFiles',
      summary: 'A directory\'s entries, by name, each directory before its content. As a WebSocket: requests, and what changes',
      tags: ['files'],
      params: ProjectParamsSchema,
      querystring: ListQuerySchema,
      response: { 200: ListingSchema }
    },
    onRequest: identify,
    async handler (request) {
      if (request.validationError !== undefined) throw request.validationError
      return await files.list(await projectOf(request), request.query)
    },
    wsHandler: (socket, request) => serve(socket, request, async (connection) => {
      const { id: projectId, role } = await projectOf(request)
      const leave = viewers.join(projectId, connection)
      const stopWatching = roles.watch({ userId: request.owner, projectId, role }, connection.refuse)
      try {
        await converse(connection, { projectId, mayEdit: may(role, 'edit'), files, workspace, log: request.log })
      } finally {
        stopWatching()
        leave()
      }
    })
  })
}
