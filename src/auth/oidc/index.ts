import type { FastifyInstance } from 'fastify'
import type { OidcConfig } from '../../config.ts'
import type { AccountRoutesOptions } from '../accounts/routes.ts'
import { createProvider, type Attempt, type Claims } from './provider.ts'
import { OIDC_PATH, oidcRoutes } from './routes.ts'
import { createSealed } from './sealed.ts'
import { createOidcService, type OidcServiceOptions } from './service.ts'

export interface OidcOptions extends Omit<OidcServiceOptions, 'rules'> {
  /** Undefined where there is no provider. */
  readonly config: OidcConfig | undefined
  readonly secret: string
  readonly publicUrl: () => string
  readonly limits: AccountRoutesOptions['limits']
}

/** How the sign-in page begins it. */
export interface OidcMethod {
  readonly name: string
  readonly url: string
}

/** As long as somebody may take to sign in there, and as they may take to find their password. */
const LIFETIME_MS = 10 * 60_000

export async function registerOidc (app: FastifyInstance, { config, secret, publicUrl, limits, ...options }: OidcOptions): Promise<() => OidcMethod | null> {
  await app.register(oidcRoutes, {
    provider: config === undefined ? undefined : createProvider(config),
    oidc: createOidcService({ rules: config ?? { isSignUpOpen: false, domains: undefined }, ...options }),
    attempts: createSealed<Attempt>({ secret, purpose: 'sign-in at a provider', lifetimeMs: LIFETIME_MS }),
    strangers: createSealed<Claims>({ secret, purpose: 'password of an account to connect', lifetimeMs: LIFETIME_MS }),
    publicUrl,
    limits
  })
  // Whole, as the cookie of the attempt counts for the one name that the provider sends the browser back to.
  return () => config === undefined ? null : { name: config.name, url: publicUrl() + OIDC_PATH }
}
