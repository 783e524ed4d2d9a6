import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { errors } from '../../errors.ts'
import { closed } from '../../lib/schemas.ts'
import type { Catalogue } from '../../sandbox/images/catalogue.ts'
import { createSocketGate } from '../../sockets/gate.ts'
import type { ProjectsCore } from '../contract.ts'
import { ProjectParamsSchema } from '../core/schemas.ts'
import type { ExecService } from '../exec/service.ts'
import type { ProcessService } from '../processes/service.ts'
import { createFormatter, FormatBodySchema, FormatResultSchema } from './format.ts'
import { createLanguageServers } from './socket.ts'

const ParamsSchema = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }), language: Type.String({ minLength: 1, maxLength: 64 }) }, closed)

/** What editors ask of a language: its server, by a socket, and its formatter. */
export async function registerLanguageServers (app: FastifyInstance, { config, projectOf, roles, hold, workspace }: ProjectsCore, { catalogue, processes, exec }: {
  catalogue: Catalogue
  processes: ProcessService
  exec: ExecService
}): Promise<void> {
  const { identify, serve } = createSocketGate(app.auth)
  const servers = createLanguageServers({ catalogue, processes, hold, idleMs: config.projects.languageServerIdleMs, log: app.log })
  const format = createFormatter({ catalogue, workspace, exec })
  await app.register(async (scope) => {
    scope.decorateRequest('refusal', null)
    scope.route<{ Params: { id: string, language: string } }>({
      method: 'GET',
      url: '/projects/:id/language-servers/:language',
      config: { access: 'edit' },
      schema: {
        operationId: 'connectLanguageServer',
        summary: 'A language server of the project, as a WebSocket: one JSON-RPC message in each text frame. Paths are those of the project, below file:///workspace. Closed with 4408 when nothing was said for a while',
        tags: ['processes'],
        params: ParamsSchema
      },
      onRequest: identify,
      async handler (request) {
        await projectOf(request)
        throw new errors.UPGRADE_REQUIRED()
      },
      wsHandler (socket, request) {
        serve(socket, request, async (connection) => {
          const project = await projectOf(request)
          const stopWatching = roles.watch({ userId: request.owner, projectId: project.id, role: project.role }, connection.refuse)
          await servers(connection, project, request.params.language).finally(stopWatching)
        })
      }
    })
  })
  await app.register(async (scope) => {
    scope.addHook('onRequest', scope.authenticate)
    scope.route<{ Params: { id: string }, Body: { path: string, content?: string } }>({
      method: 'POST',
      url: '/projects/:id/format',
      config: { access: 'edit' },
      schema: { operationId: 'formatFile', summary: 'A file\'s text as its language\'s formatter has it; the file stays as it is', tags: ['processes'], params: ProjectParamsSchema, body: FormatBodySchema, response: { 200: FormatResultSchema } },
      handler: async (request, reply) => await format(await projectOf(request), request.body, reply)
    })
  })
}
