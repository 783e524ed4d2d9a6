import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { traceOf } from '../../plugins/audit.ts'
import { networkOf } from '../../plugins/rate-limit.ts'
import type { Limit } from '../../lib/limit.ts'
import { clearSessionCookie, setSessionCookie } from '../cookie.ts'
import type { UserRow } from './repo.ts'
import { SetUpBodySchema, SignInBodySchema, SignUpBodySchema, UserAnswerSchema, type User } from './schemas.ts'
import { canonicalEmail, type AccountService, type SignedIn } from './service.ts'

export interface AccountRoutesOptions {
  readonly accounts: AccountService
  readonly limits: { readonly perNetwork: Limit | false, readonly perEmail: Limit | false }
}

export const accountRoutes: FastifyPluginAsyncTypebox<AccountRoutesOptions> = async (app, { accounts, limits }) => {
  function welcome (request: FastifyRequest, reply: FastifyReply, { user, session }: SignedIn): { user: User } {
    const exp = Math.floor(session.expiresAt.getTime() / 1000)
    setSessionCookie(request, reply, app.jwt.sign({ sid: session.id, exp }), session.expiresAt)
    return { user: presentUser(user) }
  }

  // Both count attempts at either call: an account is guessed at by one or asked for by the other.
  const perNetwork = app.createLimiter('sign-in-network', limits.perNetwork, networkOf)
  const perEmail = app.createLimiter('sign-in-email', limits.perEmail, ({ body }) => canonicalEmail((body as { email: string }).email))

  await app.register(async (scope: typeof app) => {
    scope.addHook('onRequest', perNetwork)
    // Not before the body is known to have an email.
    scope.addHook('preHandler', perEmail)

    scope.post('/auth/signup', {
      schema: {
        operationId: 'signUp',
        summary: 'Make an account and sign in',
        tags: ['auth'],
        security: [],
        body: SignUpBodySchema,
        response: { 201: UserAnswerSchema }
      }
    }, async (request, reply) => reply.code(201).send(welcome(request, reply, await accounts.signUp(request.body, traceOf(request)))))

    scope.post('/auth/setup', {
      schema: {
        operationId: 'setUp',
        summary: 'Make the first administrator, by the link that the server prints at its start, and sign in',
        tags: ['auth'],
        security: [],
        body: SetUpBodySchema,
        response: { 201: UserAnswerSchema }
      }
    }, async (request, reply) => reply.code(201).send(welcome(request, reply, await accounts.setUp(request.body, traceOf(request)))))

    scope.post('/auth/signin', {
      schema: {
        operationId: 'signIn',
        summary: 'Sign in; the answer sets the cookie',
        tags: ['auth'],
        security: [],
        body: SignInBodySchema,
        response: { 200: UserAnswerSchema }
      }
    }, async (request, reply) => welcome(request, reply, await accounts.signIn(request.body, traceOf(request))))
  })

  await app.register(async (scope: typeof app) => {
    scope.addHook('onRequest', scope.authenticate)

    scope.post('/auth/logout', {
      schema: {
        operationId: 'signOut',
        summary: 'End this session, everywhere that its cookie has been copied to',
        tags: ['auth'],
        response: { 204: Type.Null() }
      }
    }, async (request, reply) => {
      const { principal } = request
      if (principal?.via === 'cookie') await accounts.signOut(principal.userId, principal.sessionId, traceOf(request))
      clearSessionCookie(request, reply)
      return await reply.code(204).send(null)
    })

    scope.get('/auth/me', {
      schema: {
        operationId: 'me',
        summary: 'Who is signed in',
        tags: ['auth'],
        response: { 200: UserAnswerSchema }
      }
    }, async (request) => ({ user: presentUser(await accounts.find(request.owner)) }))
  })
}

function presentUser ({ id, email, name, role, createdAt }: UserRow): User {
  return { id, email, name, role, createdAt: createdAt.toISOString() }
}
