import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import type { Entry } from './registry.ts'
import { ProjectTerminalsParamsSchema, ResizeBodySchema, TerminalListSchema, TerminalParamsSchema, TerminalSchema, type TerminalReport } from './schemas.ts'
import type { TerminalService } from './service.ts'

const tags = ['terminals']

export interface TerminalRoutesOptions {
  readonly terminals: TerminalService
  /** Throws PROJECT_NOT_FOUND also for another user's. */
  readonly find: (owner: string, projectId: string) => Promise<unknown>
}

export const terminalRoutes: FastifyPluginAsyncTypebox<TerminalRoutesOptions> = async (app, { terminals, find }) => {
  app.get('/projects/:id/terminals', {
    schema: { operationId: 'listTerminals', summary: 'The terminals of a project', tags, params: ProjectTerminalsParamsSchema, response: { 200: TerminalListSchema } }
  }, async (request) => {
    await find(request.owner, request.params.id)
    return { terminals: terminals.list(request.owner, request.params.id).map(present), nextCursor: null }
  })

  app.delete('/projects/:id/terminals/:terminal', {
    schema: { operationId: 'endTerminal', summary: 'End a terminal with everything that was started in it', tags, params: TerminalParamsSchema, response: { 204: Type.Null() } }
  }, async (request, reply) => {
    await find(request.owner, request.params.id)
    await terminals.end(terminals.find(request.owner, request.params.id, request.params.terminal))
    return await reply.code(204).send(null)
  })

  app.post('/projects/:id/terminals/:terminal/resize', {
    schema: { operationId: 'resizeTerminal', summary: 'Change the size of a terminal', tags, params: TerminalParamsSchema, body: ResizeBodySchema, response: { 200: TerminalSchema } }
  }, async (request) => {
    await find(request.owner, request.params.id)
    const entry = terminals.find(request.owner, request.params.id, request.params.terminal)
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
