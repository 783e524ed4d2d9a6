import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import Type from 'typebox'
import { originOf } from '../../http/origin-of.ts'
import { closed, pageQuery } from '../../lib/schemas.ts'
import { traceOf } from '../../plugins/audit.ts'
import type { ProjectOf } from '../core/access.ts'
import { ProjectParamsSchema } from '../core/schemas.ts'
import { presentInvitation, presentMember } from './present.ts'
import { ChangeMemberSchema, CreateLinkSchema, InvitationAnswerSchema, InvitationParamsSchema, InvitationsSchema, InviteSchema, MemberAnswerSchema, MemberParamsSchema, MembersSchema, NewLinkSchema } from './schemas.ts'
import type { MemberService } from './service.ts'

export interface MemberRoutesOptions {
  readonly projectOf: ProjectOf
  readonly members: MemberService
}

/** Who works in a project, for its owner. */
export const memberRoutes: FastifyPluginAsyncTypebox<MemberRoutesOptions> = async (app, { projectOf, members }) => {
  const schema = <More extends object>(operationId: string, summary: string, more: More) => ({ operationId, summary, tags: ['members'], ...more })
  const note = (request: FastifyRequest, action: string, subject: string, details: Record<string, string>): void =>
    app.audit({ ...traceOf(request), action, userId: request.owner, subject, details })

  app.get('/projects/:id/members', {
    config: { access: 'edit' },
    schema: schema('listMembers', 'Who works in the project, its owner first', { params: ProjectParamsSchema, response: { 200: MembersSchema } })
  }, async (request) => {
    const { id } = await projectOf(request)
    return { members: (await members.list(id)).map(presentMember), nextCursor: null }
  })

  app.post('/projects/:id/members', {
    config: { access: 'own' },
    schema: schema('inviteMember', 'Invite the account with an email, who finds it in GET /invitations. The answer is the same where there is none', { params: ProjectParamsSchema, body: InviteSchema, response: { 201: InvitationAnswerSchema } })
  }, async (request, reply) => {
    const { id } = await projectOf(request)
    const row = await members.invite(id, request.body)
    note(request, 'member.invite', id, { invitation: row.id, role: row.role })
    return await reply.code(201).send({ invitation: presentInvitation(row) })
  })

  app.patch('/projects/:id/members/:user', {
    config: { access: 'own' },
    schema: schema('changeMember', 'Change what a member may do; their open sockets are closed and may come again', { params: MemberParamsSchema, body: ChangeMemberSchema, response: { 200: MemberAnswerSchema } })
  }, async (request) => {
    const { id } = await projectOf(request)
    const { params: { user }, body: { role } } = request
    const member = await members.change(id, user, role)
    note(request, 'member.change', id, { user, role })
    return { member: presentMember(member) }
  })

  app.delete('/projects/:id/members/:user', {
    // To leave oneself; to remove others takes the owner.
    config: { access: 'view' },
    schema: schema('removeMember', 'Leave a project, or, as its owner, remove a member; their open sockets are closed at once', { params: MemberParamsSchema, response: { 204: Type.Null() } })
  }, async (request, reply) => {
    const { id, role } = await projectOf(request)
    const { user } = request.params
    await members.remove(id, user, { userId: request.owner, role })
    note(request, user === request.owner ? 'member.leave' : 'member.remove', id, { user })
    return await reply.code(204).send(null)
  })

  app.post('/projects/:id/invitations', {
    config: { access: 'own' },
    schema: schema('createInvitationLink', 'A link that makes whoever has it a member', { params: ProjectParamsSchema, body: CreateLinkSchema, response: { 201: NewLinkSchema } })
  }, async (request, reply) => {
    const { id } = await projectOf(request)
    const { row, token } = await members.createLink(id, request.body)
    note(request, 'member.invite', id, { invitation: row.id, role: row.role })
    return await reply.code(201).send({ invitation: presentInvitation(row), link: `${originOf(request)}/invitation#${token}` })
  })

  app.get('/projects/:id/invitations', {
    config: { access: 'own' },
    schema: schema('listProjectInvitations', 'Open invitations, links and emails, the newest first', { params: ProjectParamsSchema, querystring: Type.Object(pageQuery, closed), response: { 200: InvitationsSchema } })
  }, async (request) => {
    const { id } = await projectOf(request)
    const { rows, nextCursor } = await members.invitations(id, request.query)
    return { invitations: rows.map(presentInvitation), nextCursor }
  })

  app.delete('/projects/:id/invitations/:invitation', {
    config: { access: 'own' },
    schema: schema('withdrawProjectInvitation', 'Take an invitation back; whoever has become a member by it stays one', { params: InvitationParamsSchema, response: { 204: Type.Null() } })
  }, async (request, reply) => {
    const { id } = await projectOf(request)
    const { invitation } = request.params
    await members.withdraw(id, invitation)
    note(request, 'member.withdraw', id, { invitation })
    return await reply.code(204).send(null)
  })
}
