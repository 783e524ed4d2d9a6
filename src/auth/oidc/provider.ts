import * as client from 'openid-client'
import type { OidcConfig } from '../../config.ts'
import type { UserRole } from '../../db/schema/index.ts'
import { errors } from '../../errors.ts'
import { readEmail } from '../../lib/email.ts'

/** What is kept of a sign-in while the browser is at the provider. */
export interface Attempt {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
  /** Where the browser goes afterwards, on this server. */
  readonly next: string
}

/** Who somebody is to the provider. */
export interface Claims {
  readonly issuer: string
  readonly subject: string
  /** Undefined unless the provider says that it is theirs. */
  readonly email: string | undefined
  readonly name: string | undefined
  /** What the provider's groups make of them; undefined where that is none of their business. */
  readonly role: UserRole | undefined
}

export interface Provider {
  /** Where to send the browser, and what to keep meanwhile. Throws OIDC_UNAVAILABLE. */
  readonly begin: (redirectUri: string, next: string) => Promise<{ url: URL, attempt: Attempt }>
  /** Who has come back, by the whole address that they were sent to. Throws OIDC_REFUSED, OIDC_EXPIRED, OIDC_FAILED or OIDC_UNAVAILABLE. */
  readonly finish: (callback: URL, attempt: Attempt) => Promise<Claims>
}

const TIMEOUT_SECONDS = 10
const DISCOVERY_LIFETIME_MS = 3_600_000
const CLOCK_TOLERANCE_SECONDS = 30
const NAME_MAX = 100
const SUBJECT_MAX = 255

/** The provider is looked up when somebody signs in, so that the server starts also while it is away. */
export function createProvider ({ issuer, clientId, clientSecret, scopes, adminGroup }: Pick<OidcConfig, 'issuer' | 'clientId' | 'clientSecret' | 'scopes' | 'adminGroup'>, now: () => number = Date.now): Provider {
  let known: { readonly until: number, readonly configuration: Promise<client.Configuration> } | undefined

  const authenticate: client.ClientAuth = (server, ...rest) => {
    if (clientSecret === undefined) return client.None()(server, ...rest)
    // Basic is the default of the specification; a provider that takes something else says so.
    const takesBasic = server.token_endpoint_auth_methods_supported?.includes('client_secret_basic') ?? true
    const by = takesBasic ? client.ClientSecretBasic : client.ClientSecretPost
    by(clientSecret)(server, ...rest)
  }

  async function discover (): Promise<client.Configuration> {
    return await client.discovery(issuer, clientId, { [client.clockTolerance]: CLOCK_TOLERANCE_SECONDS }, authenticate, {
      timeout: TIMEOUT_SECONDS,
      // Also the signature, which TLS stands for otherwise. Plain HTTP is for a provider on this machine.
      execute: [client.enableNonRepudiationChecks, ...(issuer.protocol === 'http:' ? [client.allowInsecureRequests] : [])]
    })
  }

  async function configured (): Promise<client.Configuration> {
    if (known === undefined || known.until <= now()) known = { until: now() + DISCOVERY_LIFETIME_MS, configuration: discover() }
    const { configuration } = known
    return await configuration.catch((cause: unknown) => {
      if (known?.configuration === configuration) known = undefined
      throw withCause(new errors.OIDC_UNAVAILABLE(), cause)
    })
  }

  return {
    async begin (redirectUri, next) {
      const configuration = await configured()
      const attempt = { state: client.randomState(), nonce: client.randomNonce(), verifier: client.randomPKCECodeVerifier(), next }
      const url = client.buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: scopes,
        state: attempt.state,
        nonce: attempt.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(attempt.verifier),
        code_challenge_method: 'S256'
      })
      return { url, attempt }
    },

    async finish (callback, { state, nonce, verifier }) {
      if (callback.searchParams.get('state') !== state) throw new errors.OIDC_EXPIRED()
      const configuration = await configured()
      try {
        const tokens = await client.authorizationCodeGrant(configuration, callback, { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier })
        const claims = tokens.claims()
        if (claims === undefined) throw new errors.OIDC_FAILED()
        const { userinfo_endpoint: userinfo } = configuration.serverMetadata()
        // Many providers leave out of the token what can be asked for here.
        const info = userinfo === undefined ? {} : await client.fetchUserInfo(configuration, tokens.access_token, claims.sub)
        return readClaims(claims, info, adminGroup)
      } catch (error) {
        throw translate(error)
      }
    }
  }
}

/** Of the token, and of what the provider says when it is asked. */
export function readClaims (claims: client.IDToken, info: Partial<client.UserInfoResponse>, adminGroup: string | undefined): Claims {
  if (claims.sub.length > SUBJECT_MAX) throw new errors.OIDC_FAILED()
  // Both of one source: an address of the one is not what the other has verified.
  const email = [claims, info].find((source) => source.email_verified === true && source.email !== undefined)?.email
  const groups: unknown = claims.groups ?? info.groups
  const name = [claims.name, info.name].find((candidate) => typeof candidate === 'string')?.replaceAll(/\p{Cc}/gu, '').trim().slice(0, NAME_MAX)
  const isAdmin = Array.isArray(groups) ? groups.includes(adminGroup) : groups === adminGroup
  return {
    issuer: claims.iss,
    subject: claims.sub,
    email: readEmail(email),
    name: name === '' ? undefined : name,
    role: adminGroup === undefined ? undefined : isAdmin ? 'admin' : 'user'
  }
}

function translate (error: unknown): unknown {
  if (error instanceof client.AuthorizationResponseError) return new errors.OIDC_REFUSED(/^[a-z_]{1,64}$/.test(error.error) ? error.error : 'no')
  // The code was used, or is too old: a link that is opened again, or a tab that was left open.
  if (error instanceof client.ResponseBodyError && error.error === 'invalid_grant') return new errors.OIDC_EXPIRED()
  const isAway = error instanceof TypeError || (error instanceof client.ClientError && error.code === 'OAUTH_TIMEOUT')
  return withCause(isAway ? new errors.OIDC_UNAVAILABLE() : new errors.OIDC_FAILED(), error)
}

function withCause (error: Error, cause: unknown): Error {
  return Object.assign(error, { cause })
}
