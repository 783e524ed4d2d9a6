import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import type { ProjectOf } from '../core/access.ts'
import type { Entry } from './registry.ts'
import { ProjectTerminalsParamsSchema, ResizeBodySchema, TerminalListSchema, TerminalParamsSchema, TerminalSchema, type TerminalReport } from './schemas.ts'
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
  }, async (request) => {
    const { id } = await projectOf(request)
    return { terminals: terminals.list(id).map(present), nextCursor: null }
  })

  app.delete('/projects/:id/terminals/:terminal', {
    config: { access: 'edit' },
    schema: { operationId: 'endTerminal', summary: 'End a terminal with everything that was started in it', tags, params: TerminalParamsSchema, response: { 204: Type.Null() } }
  }, async (request, reply) => {
    const { id } = await projectOf(request)
    await terminals.end(terminals.find(id, request.params.terminal))
    return await reply.code(204).send(null)
  })

  app.post('/projects/:id/terminals/:terminal/resize', {
    config: { access: 'edit' },
    schema: { operationId: 'resizeTerminal', summary: 'Change the size of a terminal', tags, params: TerminalParamsSchema, body: ResizeBodySchema, response: { 200: TerminalSchema } }
  }, async (request) => {
    const { id } = await projectOf(request)
    const entry = terminals.find(id, request.params.terminal)
    entry.terminal.resize(request.body)
    return present(entry)
  })
}

function present ({ terminal, createdAt }: Entry): TerminalReport {
  return {
    id: terminal.id,
    ...terminal.size(),
    seq: terminal.seq(),
    sockets: terminal.attached(),
    ended: terminal.hasEnded(),
    createdAt: createdAt.toISOString()
  }
}
