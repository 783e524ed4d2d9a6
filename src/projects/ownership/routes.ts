import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { IdParams } from '../../lib/schemas.ts'
import { traceOf } from '../../plugins/audit.ts'
import type { ProjectOf } from '../core/access.ts'
import { ProjectParamsSchema, ProjectSchema, type Project } from '../core/schemas.ts'
import type { Offer } from './repo.ts'
import { HeirSchema, OfferAnswerSchema, type OfferAnswer } from './schemas.ts'
import type { OwnershipService } from './service.ts'

export interface OwnershipRoutesOptions {
  readonly projectOf: ProjectOf
  readonly ownership: OwnershipService
  readonly show: (userId: string, projectId: string) => Promise<Project>
}

/** A project is offered to a member, who accepts or declines. */
export const ownershipRoutes: FastifyPluginAsyncTypebox<OwnershipRoutesOptions> = async (app, { projectOf, ownership, show }) => {
  const schema = <More extends object>(operationId: string, summary: string, more: More) => ({ operationId, summary, tags: ['members'], params: ProjectParamsSchema, ...more })

  app.get('/projects/:id/ownership', {
    config: { access: 'view' },
    schema: schema('getOwnershipOffer', 'To whom the project is offered, for its owner and for them', { response: { 200: OfferAnswerSchema } })
  }, async (request) => {
    const { id, role } = await projectOf(request)
    return presentOffer(await ownership.offerFor(id, { userId: request.owner, role }))
  })

  app.post('/projects/:id/ownership', {
    config: { access: 'own' },
    schema: schema('offerOwnership', 'Offer the project to a member, in place of any other, with all that it has, its secrets too', { body: HeirSchema, response: { 200: OfferAnswerSchema } })
  }, async (request) => {
    const { id } = await projectOf(request)
    const offer = await ownership.offer(id, request.body.user)
    note(app, request, 'project.offer', id, { to: offer.user.id })
    return presentOffer(offer)
  })

  app.delete('/projects/:id/ownership', {
    config: { access: 'view' },
    schema: schema('withdrawOwnership', 'Take the offer back, or decline it', { response: { 204: Type.Null() } })
  }, async (request, reply) => {
    const { id, role } = await projectOf(request)
    await ownership.withdraw(id, { userId: request.owner, role })
    return await reply.code(204).send(null)
  })

  app.post('/projects/:id/ownership/accept', {
    config: { access: 'view' },
    schema: schema('acceptOwnership', 'Take over a stopped project that is offered to you; who has owned it becomes an editor', { response: { 200: ProjectSchema } })
  }, async (request) => {
    const { id } = await projectOf(request)
    const { from } = await ownership.accept(id, request.owner)
    note(app, request, 'project.hand-on', id, { from, to: request.owner })
    return await show(request.owner, id)
  })
}

/** At once, by an administrator. */
export const adminOwnershipRoutes: FastifyPluginAsyncTypebox<Pick<OwnershipRoutesOptions, 'ownership'>> = async (app, { ownership }) => {
  app.addHook('onRequest', app.requireAdmin)

  app.post('/api/projects/:id/owner', {
    schema: {
      operationId: 'changeOwner',
      summary: 'Give anybody\'s stopped project to another account, without its secrets and git credentials; for administrators',
      tags: ['projects'],
      params: IdParams,
      body: HeirSchema,
      response: { 204: Type.Null() }
    }
  }, async (request, reply) => {
    const { params: { id }, body: { user } } = request
    const { from } = await ownership.assign(id, user)
    note(app, request, 'project.hand-on', id, { from, to: user })
    return await reply.code(204).send(null)
  })
}

function note (app: FastifyInstance, request: FastifyRequest, action: string, subject: string, details: Record<string, string>): void {
  app.audit({ ...traceOf(request), action, userId: request.owner, subject, details })
}

function presentOffer (offer: Offer | undefined): OfferAnswer {
  return { offer: offer === undefined ? null : { user: offer.user, since: offer.since.toISOString() } }
}
