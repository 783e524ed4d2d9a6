import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { errors } from '../../errors.ts'
import { traceOf } from '../../plugins/audit.ts'
import { canonicalEmail } from '../../lib/email.ts'
import { closed, IdParams, pageQuery } from '../../lib/schemas.ts'
import type { Limiter } from '../../plugins/rate-limit.ts'
import type { Limit } from '../../lib/limit.ts'
import { giveSession, sessionCookie } from '../cookie.ts'
import type { ForgottenPasswords } from './forgotten.ts'
import { presentUser, visitOf } from './present.ts'
import type { SessionRow } from './repo.ts'
import { BrowsersSchema, ChangeAccountBodySchema, ChangePasswordBodySchema, DeleteAccountBodySchema, ForgotPasswordBodySchema, ResetPasswordBodySchema, SetUpBodySchema, SignInBodySchema, SignUpBodySchema, UserAnswerSchema, type Browser, type User } from './schemas.ts'
import type { AccountService } from './service.ts'
import type { SignedIn } from './sessions.ts'

export interface AccountRoutesOptions {
  readonly accounts: AccountService
  /** Undefined where there is no mail server. */
  readonly forgotten: ForgottenPasswords | undefined
  readonly limits: { readonly perNetwork: Limiter, readonly network: Limit | false, readonly perEmail: Limit | false }
}

/** Nobody's mailbox is filled by who only knows its address. */
const MAILS: Limit = { max: 3, windowMs: 15 * 60_000 }

export const accountRoutes: FastifyPluginAsyncTypebox<AccountRoutesOptions> = async (app, { accounts, forgotten, limits }) => {
  function welcome (request: FastifyRequest, reply: FastifyReply, { user, session }: SignedIn): { user: User } {
    giveSession(request, reply, session)
    return { user: presentUser(user) }
  }

  const perAccount = app.createLimiter('password', limits.perEmail, ({ owner }) => owner)
  const emailOf = ({ body }: FastifyRequest): string => canonicalEmail((body as { email: string }).email)
  const perEmail = app.createLimiter('sign-in-email', limits.perEmail, emailOf)
  const perMailbox = app.createLimiter('mail', limits.perEmail === false ? false : MAILS, emailOf)

  await app.register(async (scope: typeof app) => {
    scope.addHook('onRequest', limits.perNetwork)
    // Not before the body is known to have an email, if it has one.
    scope.addHook('preHandler', async (request) => { if (hasEmail(request.body)) await perEmail(request) })

    scope.post('/auth/signup', {
      schema: {
        operationId: 'signUp',
        summary: 'Make an account and sign in',
        tags: ['auth'],
        security: [],
        body: SignUpBodySchema,
        response: { 201: UserAnswerSchema }
      }
    }, async (request, reply) => reply.code(201).send(welcome(request, reply, await accounts.signUp(request.body, visitOf(request)))))

    scope.post('/auth/setup', {
      schema: {
        operationId: 'setUp',
        summary: 'Make the first administrator, by the link that the server prints at its start, and sign in',
        tags: ['auth'],
        security: [],
        body: SetUpBodySchema,
        response: { 201: UserAnswerSchema }
      }
    }, async (request, reply) => reply.code(201).send(welcome(request, reply, await accounts.setUp(request.body, visitOf(request)))))

    scope.post('/auth/password/reset', {
      schema: {
        operationId: 'resetPassword',
        summary: 'Set a new password by a link of an administrator or a mail, and sign in; all other browsers are signed out',
        tags: ['auth'],
        security: [],
        body: ResetPasswordBodySchema,
        response: { 200: UserAnswerSchema }
      }
    }, async (request, reply) => welcome(request, reply, await accounts.resetPassword(request.body, visitOf(request))))
  })

  app.post('/auth/signin', {
    preHandler: perEmail,
    schema: {
      operationId: 'signIn',
      summary: 'Sign in; the answer sets the cookie',
      tags: ['auth'],
      security: [],
      body: SignInBodySchema,
      response: { 200: UserAnswerSchema }
    }
  }, async (request, reply) => {
    // Not of those who come in: a whole school may be behind one address.
    const { refuseExceeded, countFailure } = limits.perNetwork
    return welcome(request, reply, await countFailure(request, async () => await accounts.signIn(request.body, visitOf(request), () => refuseExceeded(request))))
  })

  app.post('/auth/password/forgot', {
    onRequest: limits.perNetwork,
    preHandler: perMailbox,
    schema: {
      operationId: 'forgetPassword',
      summary: 'Mail a link that sets a new password within an hour, if there is an account with the email; the answer does not tell',
      tags: ['auth'],
      security: [],
      body: ForgotPasswordBodySchema,
      response: { 202: Type.Object({}, closed) }
    }
  }, async (request, reply) => {
    if (forgotten === undefined) throw new errors.MAIL_OFF()
    forgotten.ask(request.body.email, traceOf(request))
    return await reply.code(202).send({})
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
      sessionCookie.clear(request, reply)
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

    scope.patch('/auth/me', {
      schema: { operationId: 'changeMe', summary: 'Change what you are called', tags: ['auth'], body: ChangeAccountBodySchema, response: { 200: UserAnswerSchema } }
    }, async (request) => ({ user: presentUser(await accounts.rename(request.owner, request.body.name)) }))

    scope.get('/auth/sessions', {
      schema: { operationId: 'listBrowsers', summary: 'The browsers that are signed in, the newest first', tags: ['auth'], querystring: Type.Object(pageQuery, closed), response: { 200: BrowsersSchema } }
    }, async (request) => {
      const { rows, nextCursor } = await accounts.sessions(request.owner, request.query)
      return { sessions: rows.map((row) => presentBrowser(row, sessionOf(request))), nextCursor }
    })

    scope.delete('/auth/sessions', {
      schema: { operationId: 'endBrowsers', summary: 'Sign out all browsers but this one, open sockets included', tags: ['auth'], response: { 204: Type.Null() } }
    }, async (request, reply) => {
      await accounts.endSessions(request.owner, { butNot: sessionOf(request) }, traceOf(request))
      return await reply.code(204).send(null)
    })

    scope.delete('/auth/sessions/:id', {
      schema: { operationId: 'endBrowser', summary: 'Sign a browser out, open sockets included', tags: ['auth'], params: IdParams, response: { 204: Type.Null() } }
    }, async (request, reply) => {
      await accounts.endSessions(request.owner, { id: request.params.id }, traceOf(request))
      return await reply.code(204).send(null)
    })

    await scope.register(async (guarded: typeof app) => {
      // Whoever has found an open browser is not to find the password by it.
      guarded.addHook('preHandler', perAccount)

      guarded.post('/auth/password', {
        schema: { operationId: 'changePassword', summary: 'Change your password; all other browsers are signed out, keys stay', tags: ['auth'], body: ChangePasswordBodySchema, response: { 204: Type.Null() } }
      }, async (request, reply) => {
        if (request.principal !== null) await accounts.changePassword(request.principal, request.body, traceOf(request))
        return await reply.code(204).send(null)
      })

      guarded.delete('/auth/me', {
        schema: { operationId: 'deleteMe', summary: 'Delete your account with its projects, runs and keys', tags: ['auth'], body: DeleteAccountBodySchema, response: { 204: Type.Null() } }
      }, async (request, reply) => {
        if (request.principal !== null) await accounts.remove(request.principal, request.body, traceOf(request))
        sessionCookie.clear(request, reply)
        return await reply.code(204).send(null)
      })
    })
  })
}

function sessionOf ({ principal }: FastifyRequest): string | undefined {
  return principal?.via === 'cookie' ? principal.sessionId : undefined
}

function hasEmail (body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'email' in body
}

function presentBrowser ({ id, createdAt, expiresAt, ip, userAgent }: SessionRow, current: string | undefined): Browser {
  return { id, createdAt: createdAt.toISOString(), expiresAt: expiresAt.toISOString(), ip, userAgent, current: id === current }
}
