import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { errors } from '../../../errors.ts'
import { encodeText } from '../../../programs/text.ts'
import { traceOf } from '../../../plugins/audit.ts'
import { ProjectParamsSchema } from '../../core/schemas.ts'
import { checkRef } from './branches.ts'
import { commit, discard, initRepository, stage, unstage } from './changes.ts'
import { abortMerge } from './exchange.ts'
import { createOnRequest, describeRoute, type GitRoutesOptions } from './on-request.ts'
import { presentCommit, presentStatus } from './present.ts'
import { readStatus } from './reading.ts'
import { CommitBodySchema, CommitSchema, DiscardBodySchema, InitBodySchema, PathsBodySchema, PlaceQuerySchema, StatusSchema } from './schemas.ts'

/** Each answers with how things stand after it. */
export const changeRoutes: FastifyPluginAsyncTypebox<GitRoutesOptions> = async (app, options) => {
  const onRequest = createOnRequest(options)
  const place = { params: ProjectParamsSchema, querystring: PlaceQuerySchema }
  const withStatus = { ...place, response: { 200: StatusSchema } }

  app.post('/projects/:id/git/init', {
    config: { access: 'edit' },
    schema: describeRoute('gitInit', 'Make a repository, or do nothing where there is one', { ...withStatus, body: InitBodySchema })
  }, async (request, reply) => {
    const { branch = 'main' } = request.body
    checkRef('branch', branch)
    return await onRequest(request, reply, async (git) => {
      await initRepository(git, branch)
      return presentStatus(await readStatus(git))
    })
  })

  app.post('/projects/:id/git/stage', {
    config: { access: 'edit' },
    schema: describeRoute('gitStage', 'Put changes into the next commit', { ...withStatus, body: PathsBodySchema })
  }, async (request, reply) => await onRequest(request, reply, async (git) => {
    await stage(git, request.body.paths)
    return presentStatus(await readStatus(git))
  }))

  app.post('/projects/:id/git/unstage', {
    config: { access: 'edit' },
    schema: describeRoute('gitUnstage', 'Take changes out of the next commit; files stay as they are', { ...withStatus, body: PathsBodySchema })
  }, async (request, reply) => await onRequest(request, reply, async (git) => {
    await unstage(git, request.body.paths)
    return presentStatus(await readStatus(git))
  }))

  app.post('/projects/:id/git/discard', {
    config: { access: 'edit' },
    schema: describeRoute('gitDiscard', 'Put files back as they are staged: what they had besides is lost', { ...withStatus, body: DiscardBodySchema })
  }, async (request, reply) => await onRequest(request, reply, async (git) => {
    const { paths, untracked = false } = request.body
    await discard(git, paths, { untracked })
    return presentStatus(await readStatus(git))
  }))

  app.post('/projects/:id/git/abort', {
    config: { access: 'edit' },
    schema: describeRoute('gitAbort', 'Take a merge or a rebase back that has stopped at a conflict', withStatus)
  }, async (request, reply) => await onRequest(request, reply, async (git) => {
    await abortMerge(git)
    return presentStatus(await readStatus(git))
  }))

  app.post('/projects/:id/git/commit', {
    config: { access: 'edit' },
    schema: describeRoute('gitCommit', 'Commit what is staged, by your account\'s name and email', { ...place, body: CommitBodySchema, response: { 201: CommitSchema } })
  }, async (request, reply) => {
    const { message, amend } = request.body
    if (message === undefined && amend !== true) throw new errors.BAD_REQUEST('A commit needs a "message"')
    if (message?.includes('\0') === true) throw new errors.BAD_REQUEST('"message" has a NUL byte')
    encodeText('"message"', message ?? '')
    const made = await onRequest(request, reply, async (git) => await commit(git, request.body, await options.identityOf(request.owner)))
    app.audit({ ...traceOf(request), action: 'git.commit', userId: request.owner, subject: request.params.id, details: { commit: made.commit } })
    void reply.code(201)
    return presentCommit(made)
  })
}
