import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { traceOf } from '../../../plugins/audit.ts'
import { ProjectParamsSchema } from '../../core/schemas.ts'
import { checkRef } from './branches.ts'
import { fetchRemote, pull, push } from './exchange.ts'
import { createOnRequest, describeRoute, type GitRoutesOptions } from './on-request.ts'
import { presentStatus } from './present.ts'
import { readStatus } from './reading.ts'
import { addRemote, listRemotes, removeRemote } from './remotes.ts'
import { FetchBodySchema, PlaceQuerySchema, PullBodySchema, PullSchema, PushBodySchema, PushSchema, RemoteBodySchema, RemoteParamsSchema, RemotesSchema, StatusSchema } from './schemas.ts'

export const remoteRoutes: FastifyPluginAsyncTypebox<GitRoutesOptions> = async (app, options) => {
  const onRequest = createOnRequest(options)
  const place = { params: ProjectParamsSchema, querystring: PlaceQuerySchema }

  app.post('/projects/:id/git/remotes', {
    config: { access: 'edit' },
    schema: describeRoute('addGitRemote', 'Add a place to fetch from and push to', { ...place, body: RemoteBodySchema, response: { 201: RemotesSchema } })
  }, async (request, reply) => {
    const { name, url } = request.body
    const remotes = await onRequest(request, reply, async (git) => {
      await addRemote(git, name, url)
      return await listRemotes(git)
    })
    void reply.code(201)
    return { remotes }
  })

  app.delete('/projects/:id/git/remotes/:remote', {
    config: { access: 'edit' },
    schema: describeRoute('removeGitRemote', 'Forget a remote, and what was fetched of it', { ...place, params: RemoteParamsSchema, response: { 204: Type.Null() } })
  }, async (request, reply) => {
    await onRequest(request, reply, async (git) => await removeRemote(git, request.params.remote))
    return await reply.code(204).send(null)
  })

  app.post('/projects/:id/git/fetch', {
    config: { access: 'edit' },
    schema: describeRoute('gitFetch', 'Get what a remote has, without changing a branch or a file', { ...place, body: FetchBodySchema, response: { 200: StatusSchema } })
  }, async (request, reply) => await onRequest(request, reply, async (git, id) => {
    await fetchRemote(git, options.accessOf(id), request.body)
    return presentStatus(await readStatus(git))
  }))

  app.post('/projects/:id/git/pull', {
    config: { access: 'edit' },
    schema: describeRoute('gitPull', 'Get what a branch of a remote has into the one that is checked out', { ...place, body: PullBodySchema, response: { 200: PullSchema } })
  }, async (request, reply) => {
    checkRef('branch', request.body.branch)
    return await onRequest(request, reply, async (git, id) => await pull(git, options.accessOf(id), request.body, await options.identityOf(request.owner)))
  })

  app.post('/projects/:id/git/push', {
    config: { access: 'edit' },
    schema: describeRoute('gitPush', 'Send a branch to a remote', { ...place, body: PushBodySchema, response: { 200: PushSchema } })
  }, async (request, reply) => {
    checkRef('branch', request.body.branch)
    const pushed = await onRequest(request, reply, async (git, id) => await push(git, options.accessOf(id), request.body))
    app.audit({ ...traceOf(request), action: 'git.push', userId: request.owner, subject: request.params.id, details: { remote: pushed.remote } })
    return pushed
  })
}
