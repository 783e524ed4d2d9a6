import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { ProjectParamsSchema } from '../../core/schemas.ts'
import { checkOut, checkRef, createBranch, deleteBranch } from './branches.ts'
import { createOnRequest, describeRoute, type GitRoutesOptions } from './on-request.ts'
import { presentStatus } from './present.ts'
import { readStatus } from './reading.ts'
import { BranchBodySchema, BranchParamsSchema, BranchSchema, CheckoutBodySchema, DeleteBranchQuerySchema, PlaceQuerySchema, StatusSchema } from './schemas.ts'

export const branchRoutes: FastifyPluginAsyncTypebox<GitRoutesOptions> = async (app, options) => {
  const onRequest = createOnRequest(options)
  const place = { params: ProjectParamsSchema, querystring: PlaceQuerySchema }

  app.post('/projects/:id/git/branches', {
    config: { access: 'edit' },
    schema: describeRoute('createGitBranch', 'Make a branch, of what is checked out or of "from"', { ...place, body: BranchBodySchema, response: { 201: BranchSchema } })
  }, async (request, reply) => {
    const { body } = request
    checkRef('name', body.name)
    checkRef('from', body.from)
    const made = await onRequest(request, reply, async (git) => await createBranch(git, body))
    void reply.code(201)
    return made
  })

  app.delete('/projects/:id/git/branches/*', {
    config: { access: 'edit' },
    schema: describeRoute('deleteGitBranch', 'Delete a branch', { params: BranchParamsSchema, querystring: DeleteBranchQuerySchema, response: { 204: Type.Null() } })
  }, async (request, reply) => {
    const { params: { '*': name }, query: { force = false } } = request
    checkRef('name', name)
    await onRequest(request, reply, async (git) => await deleteBranch(git, name, { force }))
    return await reply.code(204).send(null)
  })

  app.post('/projects/:id/git/checkout', {
    config: { access: 'edit' },
    schema: describeRoute('gitCheckout', 'Go to a branch, a tag or a commit; changes that would be lost keep it from that', { ...place, body: CheckoutBodySchema, response: { 200: StatusSchema } })
  }, async (request, reply) => {
    const { ref } = request.body
    checkRef('ref', ref)
    return await onRequest(request, reply, async (git) => {
      await checkOut(git, ref)
      return presentStatus(await readStatus(git))
    })
  })
}
