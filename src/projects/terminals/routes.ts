import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { errors } from '../../errors.ts'
import type { KeptProcess } from '../../sandbox/agent-protocol.ts'
import { createSocketGate } from '../../sockets/gate.ts'
import type { ProjectOf } from '../core/access.ts'
import { checkRole } from '../core/roles.ts'
import { SizeSchema } from '../processes/schemas.ts'
import type { ProcessSockets } from '../processes/sockets/sockets.ts'
import { ConnectQuerySchema, ProjectTerminalsParamsSchema, TerminalListSchema, TerminalParamsSchema, TerminalSchema, type TerminalReport } from './schemas.ts'
import type { TerminalService } from './service.ts'

const tags = ['terminals']

export interface TerminalRoutesOptions {
  readonly terminals: TerminalService
  readonly projectOf: ProjectOf
}

export const terminalRoutes: FastifyPluginAsyncTypebox<TerminalRoutesOptions> = async (app, { terminals, projectOf }) => {
  app.get('/projects/:id/terminals', {
    config: { access: 'view' },
    schema: { operationId: 'listTerminals', summary: 'The terminals of a project', tags, params: ProjectTerminalsParamsSchema, response: { 200: TerminalListSchema } }
  }, async (request) => ({ terminals: (await terminals.list(await projectOf(request))).map(present), nextCursor: null }))

  app.delete('/projects/:id/terminals/:terminal', {
    config: { access: 'edit' },
    schema: { operationId: 'endTerminal', summary: 'End a terminal with everything that was started in it', tags, params: TerminalParamsSchema, response: { 204: Type.Null() } }
  }, async (request, reply) => {
    await terminals.end(await projectOf(request), request.params.terminal)
    return await reply.code(204).send(null)
  })

  app.post('/projects/:id/terminals/:terminal/resize', {
    config: { access: 'edit' },
    schema: { operationId: 'resizeTerminal', summary: 'Change the size of a terminal', tags, params: TerminalParamsSchema, body: SizeSchema, response: { 200: TerminalSchema } }
  }, async (request) => present(await terminals.resize(await projectOf(request), request.params.terminal, request.body)))
}

/** The terminal's WebSocket. */
export const terminalRoute: FastifyPluginAsyncTypebox<TerminalRoutesOptions & { sockets: ProcessSockets, auth: FastifyInstance['auth'] }> = async (app, { terminals, sockets, auth, projectOf }) => {
  const { identify } = createSocketGate(auth)
  app.decorateRequest('refusal', null)

  app.route({
    method: 'GET',
    url: '/terminal/:id',
    // To open a shell or to type into one takes more.
    config: { access: 'view' },
    attachValidation: true,
    schema: {
      operationId: 'connectTerminal',
      summary: 'A shell in a project, as a WebSocket of the subprotocol term.v1 or term.raw',
      tags,
      params: ProjectTerminalsParamsSchema,
      querystring: ConnectQuerySchema
    },
    onRequest: identify,
    async handler (request) {
      if (request.validationError !== undefined) throw request.validationError
      await projectOf(request)
      throw new errors.UPGRADE_REQUIRED()
    },
    wsHandler: (socket, request) => sockets.serve(socket, request, async (project) => {
      const { owner, query: { terminal, cols, rows } } = request
      if (terminal !== undefined) return await terminals.target(project, terminal)
      checkRole(project.role, 'edit')
      return await terminals.open(owner, project, cols === undefined || rows === undefined ? undefined : { cols, rows })
    })
  })
}

function present ({ id, size = { cols: 0, rows: 0 }, output, attached, state, startedAt }: KeptProcess): TerminalReport {
  return { id, ...size, seq: output.end, sockets: attached, ended: state === 'ended', createdAt: new Date(startedAt).toISOString() }
}
