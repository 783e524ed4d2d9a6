import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { closed, Nullable } from '../lib/schemas.ts'
import type { OidcMethod } from './oidc/index.ts'

const MethodsSchema = Type.Object({
  signUp: Type.Enum(['open', 'closed']),
  hasAdministrator: Type.Boolean({ description: 'false until somebody has used the link that the start of a new server prints' }),
  passwordMail: Type.Boolean({ description: 'whether a forgotten password is set anew by mail' }),
  oidc: Nullable(Type.Object({
    name: Type.String({ description: 'of the OpenID Connect provider' }),
    url: Type.String({ description: 'where a browser begins; next is a path to go to afterwards' })
  }, closed))
}, closed)

/** What a page to sign in on may offer. */
export const methodsRoute: FastifyPluginAsyncTypebox<{ isSignUpOpen: boolean, isUnclaimed: () => Promise<boolean>, hasMail: boolean, oidc: () => OidcMethod | null }> = async (app, { isSignUpOpen, isUnclaimed, hasMail, oidc }) => {
  app.get('/auth/methods', {
    schema: { operationId: 'signInMethods', summary: 'How one can sign in on this server', tags: ['auth'], security: [], response: { 200: MethodsSchema } }
  }, async () => ({ signUp: isSignUpOpen ? 'open' as const : 'closed' as const, hasAdministrator: !await isUnclaimed(), passwordMail: hasMail, oidc: oidc() }))
}
