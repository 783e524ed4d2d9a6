import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { traceOf } from '../../plugins/audit.ts'
import { abortOnDisconnect } from '../../http/disconnect.ts'
import { joinSignals } from '../../lib/join-signals.ts'
import type { LogsService } from './logs.ts'
import { abortOnRoleChange, type ProjectOf } from '../core/access.ts'
import type { RoleWatch } from '../core/role-watch.ts'
import { LogsQuerySchema, ProjectParamsSchema, ProjectStatusSchema } from '../core/schemas.ts'
import type { StatusService } from './status/service.ts'
import type { LifecycleService } from './service.ts'

const tags = ['projects']

export interface LifecycleRoutesOptions {
  readonly projectOf: ProjectOf
  readonly roles: RoleWatch
  readonly lifecycle: LifecycleService
  readonly statusOf: StatusService
  readonly logs: LogsService
  readonly touch: (projectId: string) => void
}

export const lifecycleRoutes: FastifyPluginAsyncTypebox<LifecycleRoutesOptions> = async (app, { projectOf, roles, lifecycle, statusOf, logs, touch }) => {
  const schema = (operationId: string, summary: string) =>
    ({ operationId, summary, tags, params: ProjectParamsSchema, response: { 200: ProjectStatusSchema } })

  const note = (action: string, request: FastifyRequest, subject: string): void =>
    app.audit({ action, userId: request.owner, subject, ...traceOf(request) })

  app.post('/projects/:id/start', { config: { access: 'edit' }, schema: schema('startProject', 'Start a project, if it does not run') }, async (request) => {
    const { id } = await projectOf(request)
    touch(id)
    await lifecycle.start(id)
    note('project.start', request, id)
    return await statusOf(id, { isBrief: true })
  })

  app.post('/projects/:id/stop', { config: { access: 'edit' }, schema: schema('stopProject', 'Stop a project; its files stay') }, async (request) => {
    const { id } = await projectOf(request)
    await lifecycle.stop(id)
    note('project.stop', request, id)
    return await statusOf(id, { isBrief: true })
  })

  app.post('/projects/:id/restart', { config: { access: 'edit' }, schema: schema('restartProject', 'Stop a project and start it again') }, async (request) => {
    const { id } = await projectOf(request)
    await lifecycle.stop(id)
    await lifecycle.start(id)
    note('project.restart', request, id)
    return await statusOf(id, { isBrief: true })
  })

  app.get('/projects/:id/status', { config: { access: 'view' }, schema: schema('projectStatus', 'What a project is doing') }, async (request) =>
    await statusOf((await projectOf(request)).id))

  app.get('/projects/:id/logs', {
    config: { access: 'view' },
    schema: { operationId: 'projectLogs', summary: 'What the container itself has printed', tags, params: ProjectParamsSchema, querystring: LogsQuerySchema }
  }, async (request, reply) => {
    const project = await projectOf(request)
    const { tail, follow } = request.query
    const options = { tail, signal: joinSignals(abortOnDisconnect(reply), abortOnRoleChange(roles, request, reply, project)) }
    if (follow === true) {
      const lines = await logs.follow(project.id, options)
      // The head leaves with the first byte otherwise, which may be hours away.
      lines.once('resume', () => reply.raw.flushHeaders())
      return await reply.type('application/x-ndjson').send(lines)
    }
    return await reply.type('text/plain; charset=utf-8').send(await logs.text(project.id, options))
  })
}
