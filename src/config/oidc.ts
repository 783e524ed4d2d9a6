import Type from 'typebox'
import { isLoopbackName } from '../http/hosts.ts'
import { ConfigError } from './error.ts'
import { requirePublicUrl } from './public-url.ts'
import { secret, text, type Values } from './schema.ts'

export const oidcVariables = {
  OIDC_ISSUER: Type.Optional(text('OpenID Connect provider by which people may sign in, e.g. `https://accounts.example.org`. There, this server is an application with the redirect URI `<PUBLIC_URL>/auth/oidc/callback`', '^https?://[^?#@\\s]+$')),
  OIDC_CLIENT_ID: Type.Optional(text('what the provider calls this server')),
  OIDC_CLIENT_SECRET: Type.Optional(secret('what the provider has given this server; none for a public client', { minLength: 1 })),
  OIDC_NAME: Type.String({ minLength: 1, maxLength: 50, default: 'OpenID Connect', description: 'what people call the provider: the button says "Sign in with …"' }),
  OIDC_SCOPES: Type.String({ pattern: '^openid( [!#-\\[\\]-~]+)*$', default: 'openid email profile', description: 'what the provider is asked for; some need `groups` besides for OIDC_ADMIN_GROUP' }),
  OIDC_SIGNUP: Type.Optional(Type.Enum(['open', 'closed'], { description: 'whether who is new gets an account by the provider; who was invited by email always does. Default open where OIDC_ALLOWED_DOMAINS is set, else as SIGNUP' })),
  OIDC_ALLOWED_DOMAINS: Type.Optional(text('domains of emails, separated by commas: nobody with another one signs in by the provider', '^[A-Za-z0-9.-]+(\\s*,\\s*[A-Za-z0-9.-]+)*$')),
  OIDC_ADMIN_GROUP: Type.Optional(text('who signs in by the provider is an administrator as long as its claim `groups` has this one'))
}

export type OidcConfig = NonNullable<ReturnType<typeof toOidc>['oidc']>

export function toOidc (env: Values<typeof oidcVariables> & { HOST: string, PUBLIC_URL?: string, SIGNUP?: 'open' | 'closed' }) {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId } = env
  if (issuer === undefined || clientId === undefined) {
    if (issuer !== undefined || clientId !== undefined || env.OIDC_CLIENT_SECRET !== undefined) throw new ConfigError('OIDC_ISSUER and OIDC_CLIENT_ID belong together: set both, or none of OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET')
    return { oidc: undefined }
  }
  if (!URL.canParse(issuer) || (issuer.startsWith('http:') && !isLoopbackName(new URL(issuer).hostname))) throw new ConfigError('OIDC_ISSUER must be an https address; plain http is for a provider on this machine')
  requirePublicUrl('OIDC_ISSUER', env)
  const domains = env.OIDC_ALLOWED_DOMAINS?.split(',').map((domain) => domain.trim().toLowerCase())
  const signUp = env.SIGNUP ?? (isLoopbackName(env.HOST) ? 'open' : 'closed')
  return {
    oidc: {
      issuer: new URL(issuer),
      clientId,
      clientSecret: env.OIDC_CLIENT_SECRET,
      name: env.OIDC_NAME,
      scopes: env.OIDC_SCOPES,
      isSignUpOpen: (env.OIDC_SIGNUP ?? (domains === undefined ? signUp : 'open')) === 'open',
      domains,
      adminGroup: env.OIDC_ADMIN_GROUP
    }
  }
}
