import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Type, { type Static } from 'typebox'
import { createDeferred } from '../../lib/deferred.ts'
import { joinSignals } from '../../lib/join-signals.ts'
import { abortOnDisconnect } from '../../http/disconnect.ts'
import { HEARTBEAT, wantsEvents } from '../../http/event-stream.ts'
import { traceOf } from '../../plugins/audit.ts'
import { createSocketGate } from '../../sockets/gate.ts'
import { abortOnRoleChange, type ProjectOf } from '../core/access.ts'
import type { RoleWatch } from '../core/role-watch.ts'
import { ProjectParamsSchema } from '../core/schemas.ts'
import { createEventEncoder, openLogs, plainText } from './logs.ts'
import { InputBodySchema, LogsQuerySchema, ProcessBodySchema, ProcessListSchema, ProcessParamsSchema, ProcessSchema, SignalBodySchema, SizeSchema, SocketQuerySchema } from './schemas.ts'
import type { ProcessService } from './service.ts'
import type { ProcessSockets } from './sockets/sockets.ts'

const tags = ['processes']
const BODY_BYTES = 1024 ** 2

export interface ProcessRoutesOptions {
  readonly processes: ProcessService
  readonly sockets: ProcessSockets
  readonly auth: FastifyInstance['auth']
  readonly projectOf: ProjectOf
  readonly roles: RoleWatch
}

type LogsRequest = FastifyRequest<{ Params: Static<typeof ProcessParamsSchema>, Querystring: Static<typeof LogsQuerySchema> }>

export const processRoutes: FastifyPluginAsyncTypebox<ProcessRoutesOptions> = async (app, { processes, projectOf, roles }) => {
  const params = ProcessParamsSchema
  const done = { 204: Type.Null() }

  function note (request: FastifyRequest, action: string, subject: string, details: Record<string, string | boolean>): void {
    app.audit({ ...traceOf(request), action, userId: request.owner, subject, details })
  }

  app.post('/projects/:id/processes', {
    bodyLimit: BODY_BYTES,
    config: { access: 'edit' },
    schema: {
      operationId: 'startProcess',
      summary: 'Start a process in a project, which lives on when nobody is connected',
      tags,
      params: ProjectParamsSchema,
      body: ProcessBodySchema,
      response: { 201: ProcessSchema }
    }
  }, async (request, reply) => {
    const project = await projectOf(request)
    const process = await processes.create(project, request.body)
    note(request, 'process.start', project.id, { process: process.id, keep: process.keep })
    return await reply.code(201).send(process)
  })

  app.get('/projects/:id/processes', {
    config: { access: 'view' },
    schema: { operationId: 'listProcesses', summary: 'What runs in a project, and what has ended lately', tags, params: ProjectParamsSchema, response: { 200: ProcessListSchema } }
  }, async (request) => await processes.list(await projectOf(request)))

  app.delete('/projects/:id/processes/:process', {
    config: { access: 'edit' },
    schema: { operationId: 'endProcess', summary: 'End a process with everything that it has started, and forget it', tags, params, response: done }
  }, async (request, reply) => {
    const project = await projectOf(request)
    await processes.remove(project, request.params.process)
    note(request, 'process.end', project.id, { process: request.params.process })
    return await reply.code(204).send(null)
  })

  app.post('/projects/:id/processes/:process/input', {
    config: { access: 'edit' },
    bodyLimit: 2 * BODY_BYTES,
    schema: { operationId: 'sendProcessInput', summary: 'Give a process something to read', tags, params, body: InputBodySchema, response: done }
  }, async (request, reply) => {
    await processes.input(await projectOf(request), request.params.process, request.body)
    return await reply.code(204).send(null)
  })

  app.post('/projects/:id/processes/:process/signal', {
    config: { access: 'edit' },
    schema: { operationId: 'signalProcess', summary: 'Send a signal to a process and its group', tags, params, body: SignalBodySchema, response: done }
  }, async (request, reply) => {
    await processes.signal(await projectOf(request), request.params.process, request.body.signal)
    return await reply.code(204).send(null)
  })

  app.post('/projects/:id/processes/:process/resize', {
    config: { access: 'edit' },
    schema: { operationId: 'resizeProcess', summary: 'Change the size of a process\'s terminal', tags, params, body: SizeSchema, response: done }
  }, async (request, reply) => {
    await processes.resize(await projectOf(request), request.params.process, request.body)
    return await reply.code(204).send(null)
  })

  app.post('/projects/:id/processes/:process/restart', {
    config: { access: 'edit' },
    schema: { operationId: 'restartProcess', summary: 'End a process and start it again', tags, params, response: { 200: ProcessSchema } }
  }, async (request) => await processes.restart(await projectOf(request), request.params.process))

  app.get('/projects/:id/processes/:process/logs', {
    config: { access: 'view' },
    schema: {
      operationId: 'getProcessLogs',
      summary: 'What a process has printed, as text or, by Accept, as server-sent events',
      tags,
      params,
      querystring: LogsQuerySchema,
      produces: ['text/plain', 'text/event-stream']
    }
  }, async (request, reply) => await sendLogs(request, reply))

  async function sendLogs (request: LogsRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { params: { process }, query: { since, follow = false } } = request
    const project = await projectOf(request)
    const isEvents = wantsEvents(request)
    const signal = joinSignals(abortOnDisconnect(reply), abortOnRoleChange(roles, request, reply, project))
    const answered = createDeferred<FastifyReply>()
    // PID 1 stays connected until the answer is over, which begins long before.
    processes.withInit(project, async (init) => {
      const { id: found } = await processes.findKept(init, process)
      const over = createDeferred<void>()
      const logs = openLogs(init, { id: found, from: since ?? lastEventId(request), follows: follow, signal }, isEvents ? createEventEncoder() : plainText, { heartbeat: isEvents ? HEARTBEAT : '', onOver: over.resolve })
      answered.resolve(reply.type(isEvents ? 'text/event-stream; charset=utf-8' : 'text/plain; charset=utf-8').headers({ 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' }).send(logs))
      await over.promise
    }).catch(answered.reject)
    return await answered.promise
  }
}

/** The process itself, and its WebSocket, which are at the same place. */
export const processRoute: FastifyPluginAsyncTypebox<ProcessRoutesOptions> = async (app, { processes, sockets, auth, projectOf }) => {
  const { identify } = createSocketGate(auth)
  app.decorateRequest('refusal', null)
  app.route({
    method: 'GET',
    url: '/projects/:id/processes/:process',
    attachValidation: true,
    // To type into it takes more.
    config: { access: 'view' },
    schema: {
      operationId: 'getProcess',
      summary: 'A process with all that it has started; as a WebSocket of the subprotocol term.v1 or term.raw, its output and input',
      tags,
      params: ProcessParamsSchema,
      querystring: SocketQuerySchema,
      response: { 200: ProcessSchema }
    },
    onRequest: identify,
    async handler (request) {
      if (request.validationError !== undefined) throw request.validationError
      return await processes.report(await projectOf(request), request.params.process)
    },
    wsHandler: (socket, request) => sockets.serve(socket, request, async (project) => await processes.target(project, request.params.process))
  })
}

function lastEventId ({ headers }: FastifyRequest): number | undefined {
  const id = headers['last-event-id']
  return typeof id === 'string' && /^\d{1,15}$/.test(id) ? Number(id) : undefined
}
