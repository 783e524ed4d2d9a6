import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { ProjectParamsSchema } from '../../core/schemas.ts'
import { checkRef } from './branches.ts'
import { createOnRequest, describeRoute, type GitRoutesOptions } from './on-request.ts'
import { presentCommit, presentStatus } from './present.ts'
import { readBranches, readDiff, readLog, readStatus } from './reading.ts'
import { listRemotes } from './remotes.ts'
import { BranchesSchema, DiffQuerySchema, DiffSchema, LogQuerySchema, LogSchema, PlaceQuerySchema, RemotesSchema, StatusQuerySchema, StatusSchema } from './schemas.ts'

export const readingRoutes: FastifyPluginAsyncTypebox<GitRoutesOptions> = async (app, options) => {
  const onRequest = createOnRequest(options)
  const params = ProjectParamsSchema

  app.get('/projects/:id/git/status', {
    config: { access: 'edit' },
    schema: describeRoute('gitStatus', 'What is checked out, staged and changed', { params, querystring: StatusQuerySchema, response: { 200: StatusSchema } })
  }, async (request, reply) => await onRequest(request, reply, async (git) => presentStatus(await readStatus(git, request.query))))

  app.get('/projects/:id/git/diff', {
    config: { access: 'edit' },
    schema: describeRoute('gitDiff', 'Changes that are not staged, that are, or of a commit', { params, querystring: DiffQuerySchema, response: { 200: DiffSchema } })
  }, async (request, reply) => {
    const { query } = request
    checkRef('commit', query.commit)
    return await onRequest(request, reply, async (git) => {
      const { files, patch, isTruncated } = await readDiff(git, query)
      return { files: [...files], patch, truncated: isTruncated }
    })
  })

  app.get('/projects/:id/git/log', {
    config: { access: 'edit' },
    schema: describeRoute('gitLog', 'Commits, the newest first', { params, querystring: LogQuerySchema, response: { 200: LogSchema } })
  }, async (request, reply) => {
    const { query } = request
    checkRef('ref', query.ref)
    return await onRequest(request, reply, async (git) => {
      const { commits, nextCursor } = await readLog(git, query)
      return { commits: commits.map(presentCommit), nextCursor }
    })
  })

  app.get('/projects/:id/git/branches', {
    config: { access: 'edit' },
    schema: describeRoute('listGitBranches', 'Branches here, and those of remotes as they were last fetched', { params, querystring: PlaceQuerySchema, response: { 200: BranchesSchema } })
  }, async (request, reply) => await onRequest(request, reply, async (git) => {
    const { branches, isTruncated } = await readBranches(git)
    return { branches, truncated: isTruncated }
  }))

  app.get('/projects/:id/git/remotes', {
    config: { access: 'edit' },
    schema: describeRoute('listGitRemotes', 'Where commits are fetched from and pushed to', { params, querystring: PlaceQuerySchema, response: { 200: RemotesSchema } })
  }, async (request, reply) => await onRequest(request, reply, async (git) => ({ remotes: await listRemotes(git) })))
}
