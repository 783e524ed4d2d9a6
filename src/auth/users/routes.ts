import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import Type from 'typebox'
import { originOf } from '../../http/origin-of.ts'
import { closed, IdParams, pageQuery } from '../../lib/schemas.ts'
import { traceOf } from '../../plugins/audit.ts'
import type { UserRow } from '../accounts/repo.ts'
import { presentUser } from '../accounts/present.ts'
import type { LinkRow } from '../links/repo.ts'
import { ChangeUserBodySchema, DeleteUserQuerySchema, InvitationsSchema, InviteBodySchema, KnownUserAnswerSchema, ListUsersQuerySchema, NewInvitationSchema, ResetLinkSchema, ServerLimitsSchema, UsersSchema, type KnownUser, type ServerLimits, type ShownInvitation } from './schemas.ts'
import type { By, UserService } from './service.ts'

/** The accounts of others, for administrators. */
export const userRoutes: FastifyPluginAsyncTypebox<{ users: UserService, limits: ServerLimits }> = async (app, { users, limits }) => {
  const schema = <More extends object>(operationId: string, summary: string, more: More) => ({ operationId, summary, tags: ['users'], ...more })

  app.addHook('onRequest', app.requireAdmin)

  app.get('/api/users', {
    schema: schema('listUsers', 'All accounts, the newest first', { querystring: ListUsersQuerySchema, response: { 200: UsersSchema } })
  }, async ({ query }) => {
    const { rows, nextCursor } = await users.list(query)
    return { users: rows.map(presentKnown), nextCursor }
  })

  app.get('/api/limits', {
    schema: schema('getLimits', 'What everybody may have who has no limits of their own; for administrators', { response: { 200: ServerLimitsSchema } })
  }, async () => limits)

  app.get('/api/users/:id', {
    schema: schema('getUser', 'An account', { params: IdParams, response: { 200: KnownUserAnswerSchema } })
  }, async ({ params }) => ({ user: presentKnown(await users.find(params.id)) }))

  app.patch('/api/users/:id', {
    schema: schema('changeUser', 'Name, role, limits, or whether it may come in: a disabled account is out at once, open sockets included', { params: IdParams, body: ChangeUserBodySchema, response: { 200: KnownUserAnswerSchema } })
  }, async (request) => ({ user: presentKnown(await users.change(request.params.id, request.body, byOf(request))) }))

  app.delete('/api/users/:id', {
    schema: schema('deleteUser', 'Delete an account with its projects, runs and keys', { params: IdParams, querystring: DeleteUserQuerySchema, response: { 204: Type.Null() } })
  }, async (request, reply) => {
    await users.remove(request.params.id, request.query)
    app.audit({ ...traceOf(request), action: 'user.delete', userId: request.owner, subject: request.params.id })
    return await reply.code(204).send(null)
  })

  app.post('/api/users/:id/reset-link', {
    schema: schema('createResetLink', 'A link that sets a new password, within a day', { params: IdParams, response: { 201: ResetLinkSchema } })
  }, async (request, reply) => {
    const { row, token } = await users.createReset(request.params.id, byOf(request))
    return await reply.code(201).send({ link: `${originOf(request)}/reset#${token}`, expiresAt: row.expiresAt.toISOString() })
  })

  app.post('/api/users/invitations', {
    schema: schema('inviteUser', 'A link that makes an account, within two weeks, also where signing up is closed; mailed to the email, if there is one and SMTP_URL is set', { body: InviteBodySchema, response: { 201: NewInvitationSchema } })
  }, async (request, reply) => {
    const { row, token, isMailed } = await users.invite(request.body, byOf(request))
    return await reply.code(201).send({ ...presentInvitation(row), link: `${originOf(request)}/join#${token}`, mailed: isMailed })
  })

  app.get('/api/users/invitations', {
    schema: schema('listInvitations', 'The invitations that nobody has used yet, the newest first', { querystring: Type.Object(pageQuery, closed), response: { 200: InvitationsSchema } })
  }, async ({ query }) => {
    const { rows, nextCursor } = await users.invitations(query)
    return { invitations: rows.map(presentInvitation), nextCursor }
  })

  app.delete('/api/users/invitations/:id', {
    schema: schema('withdrawInvitation', 'Take an invitation back', { params: IdParams, response: { 204: Type.Null() } })
  }, async (request, reply) => {
    await users.withdraw(request.params.id, byOf(request))
    return await reply.code(204).send(null)
  })
}

function byOf (request: FastifyRequest): By {
  return { admin: request.owner, trace: traceOf(request) }
}

function presentKnown (user: UserRow): KnownUser {
  const { projectsMost: projects, projectsRunningMost: projectsRunning, snapshotBytesMost: snapshotBytes } = user
  return { ...presentUser(user), disabledAt: user.disabledAt?.toISOString() ?? null, limits: { projects, projectsRunning, snapshotBytes } }
}

function presentInvitation ({ id, email, role, createdAt, expiresAt }: LinkRow): ShownInvitation {
  return { id, email, role: role ?? 'user', createdAt: createdAt.toISOString(), expiresAt: expiresAt.toISOString() }
}
