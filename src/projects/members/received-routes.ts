import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import Type from 'typebox'
import { closed, IdParams, pageQuery } from '../../lib/schemas.ts'
import { traceOf } from '../../plugins/audit.ts'
import { ProjectSchema, type Project } from '../core/schemas.ts'
import { presentReceived } from './present.ts'
import { AcceptLinkSchema, ReceivedListSchema } from './schemas.ts'
import type { Joined, MemberService } from './service.ts'

export interface ReceivedRoutesOptions {
  readonly members: MemberService
  readonly show: (userId: string, projectId: string) => Promise<Project>
}

/** Invitations, for whoever is invited. */
export const receivedRoutes: FastifyPluginAsyncTypebox<ReceivedRoutesOptions> = async (app, { members, show }) => {
  const schema = <More extends object>(operationId: string, summary: string, more: More) => ({ operationId, summary, tags: ['members'], ...more })

  async function welcome (request: FastifyRequest, { projectId, role, isNew }: Joined): Promise<Project> {
    if (isNew) app.audit({ ...traceOf(request), action: 'member.join', userId: request.owner, subject: projectId, details: { role } })
    return await show(request.owner, projectId)
  }

  app.get('/invitations', {
    schema: schema('listReceivedInvitations', 'Projects that you are invited to, the newest first', { querystring: Type.Object(pageQuery, closed), response: { 200: ReceivedListSchema } })
  }, async (request) => {
    const { rows, nextCursor } = await members.received(request.owner, request.query)
    return { invitations: rows.map(presentReceived), nextCursor }
  })

  app.post('/invitations/:id/accept', {
    schema: schema('acceptInvitation', 'Become a member', { params: IdParams, response: { 200: ProjectSchema } })
  }, async (request) => await welcome(request, await members.accept(request.owner, request.params.id)))

  app.post('/invitations/accept', {
    schema: schema('acceptInvitationLink', 'Become a member by a link; whoever is one already stays what they are', { body: AcceptLinkSchema, response: { 200: ProjectSchema } })
  }, async (request) => await welcome(request, await members.acceptLink(request.owner, request.body.token)))

  app.delete('/invitations/:id', {
    schema: schema('declineInvitation', 'Decline an invitation', { params: IdParams, response: { 204: Type.Null() } })
  }, async (request, reply) => {
    await members.decline(request.owner, request.params.id)
    return await reply.code(204).send(null)
  })
}
