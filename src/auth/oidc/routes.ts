import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { errors } from '../../errors.ts'
import { localPath } from '../../http/local-path.ts'
import { PAGE_HEADERS, renderPage, wantsPage } from '../../http/pages.ts'
import { reportError } from '../../plugins/error-handler.ts'
import { networkOf } from '../../plugins/rate-limit.ts'
import { presentUser, visitOf } from '../accounts/present.ts'
import type { AccountRoutesOptions } from '../accounts/routes.ts'
import { UserAnswerSchema } from '../accounts/schemas.ts'
import { attemptCookie, connectCookie, giveSession } from '../cookie.ts'
import type { Attempt, Claims, Provider } from './provider.ts'
import { BeginQuerySchema, CallbackQuerySchema, ConnectBodySchema } from './schemas.ts'
import type { Sealed } from './sealed.ts'
import type { OidcService } from './service.ts'

export interface OidcRoutesOptions {
  /** Undefined where no provider is configured. */
  readonly provider: Provider | undefined
  readonly oidc: OidcService
  readonly attempts: Sealed<Attempt>
  readonly strangers: Sealed<Claims>
  readonly publicUrl: () => string
  readonly limits: AccountRoutesOptions['limits']
}

export const OIDC_PATH = '/auth/oidc'
const CALLBACK_PATH = '/auth/oidc/callback'
/** The page that asks for the password of an account. */
const CONNECT_PAGE = '/connect'
const NAVIGATION = { 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' }

/** Sign-in by an OpenID Connect provider: authorization code with PKCE, state and nonce. */
export const oidcRoutes: FastifyPluginAsyncTypebox<OidcRoutesOptions> = async (app, { provider, oidc, attempts, strangers, publicUrl, limits }) => {
  function required (): Provider {
    if (provider === undefined) throw new errors.OIDC_OFF()
    return provider
  }

  const unknown = (request: FastifyRequest): Claims | undefined => strangers.open(connectCookie.read(request))
  // Guesses at passwords keep nobody out whom the provider knows: they are counted apart.
  const perNetwork = app.createLimiter('oidc-network', limits.network, networkOf)
  const perAccount = app.createLimiter('oidc-connect', limits.perEmail, (request) => unknown(request)?.email ?? '')

  await app.register(async (browsers: typeof app) => {
    browsers.setErrorHandler(sendErrorPage)

    browsers.get(OIDC_PATH, {
      schema: { operationId: 'beginOidc', summary: 'Send a browser to the OpenID Connect provider to sign in', tags: ['auth'], security: [], querystring: BeginQuerySchema, response: { 303: Type.Null() } }
    }, async (request, reply) => {
      const { url, attempt } = await required().begin(publicUrl() + CALLBACK_PATH, localPath(request.query.next))
      attemptCookie.set(request, reply, ...attempts.seal(attempt))
      return await reply.headers(NAVIGATION).redirect(url.href, 303)
    })

    browsers.get(CALLBACK_PATH, {
      schema: { operationId: 'finishOidc', summary: 'Where the OpenID Connect provider sends the browser back to: signs it in', tags: ['auth'], security: [], querystring: CallbackQuerySchema, response: { 303: Type.Null() } }
    }, async (request, reply) => {
      const attempt = attempts.open(attemptCookie.read(request))
      // One answer for one question, whatever it is: the provider takes its code once, and so does the browser.
      attemptCookie.clear(request, reply)
      const { claims, next } = await perNetwork.countFailure(request, async () => {
        if (attempt === undefined) throw new errors.OIDC_EXPIRED()
        return { claims: await required().finish(new URL(`${publicUrl()}${CALLBACK_PATH}?${queryOf(request.originalUrl)}`), attempt), next: attempt.next }
      })
      const signedIn = await oidc.signIn(claims, visitOf(request))
      if (signedIn === undefined) connectCookie.set(request, reply, ...strangers.seal(claims))
      else giveSession(request, reply, signedIn.session)
      return await reply.headers(NAVIGATION).redirect(signedIn === undefined ? CONNECT_PAGE : next, 303)
    })
  })

  app.post('/auth/oidc/connect', {
    onRequest: [limits.perNetwork, perAccount],
    schema: { operationId: 'connectOidc', summary: 'Sign in to the account that has the email, whose password it takes once, and by the provider alone from then on', tags: ['auth'], security: [], body: ConnectBodySchema, response: { 200: UserAnswerSchema } }
  }, async (request, reply) => {
    required()
    const claims = unknown(request)
    if (claims === undefined) throw new errors.OIDC_EXPIRED()
    const { user, session } = await oidc.connect(claims, request.body.password, visitOf(request))
    connectCookie.clear(request, reply)
    giveSession(request, reply, session)
    return { user: presentUser(user) }
  })
}

/** As it was sent: what the request says of its host, in a header or before the path, is nobody's word. */
function queryOf (url: string): string {
  return url.slice(url.indexOf('?') + 1)
}

/** Somebody stands before it, who came by a link or a button. */
async function sendErrorPage (thrown: FastifyError, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  if (!wantsPage(request)) throw thrown
  const { message } = reportError(thrown, request, reply)
  return await reply.headers(PAGE_HEADERS).send(renderPage({ title: 'You are not signed in', text: message, link: { label: 'Back to the sign-in page', url: '/' }, requestId: request.id }))
}
