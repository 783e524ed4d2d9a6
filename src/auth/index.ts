import { timingSafeEqual } from 'node:crypto'
import cookie from '@fastify/cookie'
import jwt from '@fastify/jwt'
import type { Socket } from 'node:net'
import type { FastifyRequest, onRequestHookHandler } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../config.ts'
import { notify } from '../db/notifications.ts'
import { errors } from '../errors.ts'
import { isUuid } from '../lib/uuid.ts'
import { networkOf, type Limiter } from '../plugins/rate-limit.ts'
import { isFirstUserUnclaimed } from './accounts/repo.ts'
import type { Revoke } from './accounts/service.ts'
import { hashApiKey } from './api-key.ts'
import { createAuthenticator, type Authenticator } from './authenticator.ts'
import { bootstrap } from './bootstrap.ts'
import { createCredentialStore } from './credential-store.ts'
import { presentedCredentials, type Credentials } from './credentials.ts'
import { createLastUsed } from './keys/last-used.ts'
import { touchKeys } from './keys/repo.ts'
import { isAllowedOrigin, needsOrigin } from './origin.ts'
import type { CredentialId, Principal } from './principal.ts'
import type { SetupLink } from './setup-link.ts'
import { createRevocations, type Revocations } from './revocations.ts'
import { registerAuthRoutes } from './routes.ts'
import { fingerprintOf } from './ssh-keys/public-key.ts'
import { touchSshKeys } from './ssh-keys/repo.ts'
import { createSweeps } from './sweeps.ts'
import type { OnAccountEnd } from './users/service.ts'

export interface Auth {
  /** Who asks. Throws UNAUTHENTICATED, ORIGIN_NOT_ALLOWED or RATE_LIMITED. */
  readonly identify: (request: FastifyRequest) => Promise<Principal>
  /** Calls back once, as soon as the credential is revoked on any server or expires. Returns how to stop waiting for it. */
  readonly onRevoked: Revocations['watch']
  /** Whose credential it is, for whoever reads requests without Fastify. Undefined once it is dead. */
  readonly byKey: Authenticator['byKey']
  readonly bySession: Authenticator['bySession']
  /** Of a public key, in its binary form. That somebody has the private one is for the caller to see. */
  readonly bySshKey: (key: Buffer) => Promise<Principal | undefined>
  /** Somebody has come in by it just now. */
  readonly noteUse: (principal: Principal) => void
  /** Whether it is the server's own, whose form the operator has chosen. */
  readonly isPredefinedKey: (key: string) => boolean
  /** The limits, for requests that come past Fastify. Both throw RATE_LIMITED; `refuseExceeded` does not count. */
  readonly strangers: { readonly count: (address: string) => Promise<void>, readonly refuseExceeded: (address: string) => void }
  readonly countUser: (userId: string) => Promise<void>
  /** Tells whether we have signed it as a cookie's value, and it has not expired. */
  readonly isSessionToken: (value: string) => boolean
  /** Tells whether the page that sends the request is ours or one of CORS_ORIGINS. */
  readonly isAllowedOrigin: (request: FastifyRequest) => boolean
  /** Counts a program that is to be run. Throws RATE_LIMITED. */
  readonly limitExecutions: Limiter
  /** Calls it for everybody whose account is disabled or deleted: what they own is to be stopped, or to go. Before the server is ready. */
  readonly onAccountEnd: (listener: OnAccountEnd) => void
  /** Tells whether the first administrator is still to be made. */
  readonly isUnclaimed: () => Promise<boolean>
}

declare module 'fastify' {
  interface FastifyInstance {
    auth: Auth
    /** Hook of every scope whose routes need a signed-in caller. */
    authenticate: onRequestHookHandler
    /** Hook of routes for administrators, behind `authenticate`. */
    requireAdmin: onRequestHookHandler
    /** The same for teachers, as administrators are too. */
    requireTeacher: onRequestHookHandler
  }
  interface FastifyRequest {
    /** The id of the user who asks; sandboxes are never shared between owners. Empty outside authenticated scopes. */
    owner: string
    principal: Principal | null
  }
  interface FastifyContextConfig {
    /** Anonymous callers may ask as often as they like. */
    isUnlimited?: boolean
  }
}

declare module '@fastify/jwt' {
  interface FastifyJWT {
    payload: { sid: string, exp: number }
  }
}

export interface AuthOptions {
  readonly config: Config
  readonly apiKey: string
  readonly jwtSecret: string
  /** What makes the first administrator. */
  readonly setup?: Pick<SetupLink, 'matches' | 'remove'>
  /** Somebody has shown on this connection who they are. */
  readonly trust: (socket: Socket) => void
}

const CHANNEL = 'berth_revoked'

/** Accounts, sessions, keys, and who asks. */
export default fp<AuthOptions>(async (app, { config, apiKey, jwtSecret, setup, trust }) => {
  const { db, log, notifications } = app
  await app.register(cookie)
  await app.register(jwt, {
    secret: jwtSecret,
    sign: { algorithm: 'HS256', iss: 'berth' },
    // A token that names another algorithm, or none, is not ours.
    verify: { algorithms: ['HS256'], allowedIss: 'berth' }
  })

  const accountEndListeners: OnAccountEnd[] = []
  const predefined = hashApiKey(apiKey)
  const store = createCredentialStore(db)
  const authenticator = createAuthenticator({ store, isCurrent: notifications.isListening })
  const revocations = createRevocations()
  const onUseLost = (err: unknown): void => log.warn({ err }, 'the last use of keys could not be written')
  const lastUsed = createLastUsed({ write: async (uses) => await touchKeys(db, uses), onError: onUseLost })
  const lastUsedSsh = createLastUsed({ write: async (uses) => await touchSshKeys(db, uses), onError: onUseLost })

  function die (credential: CredentialId): void {
    authenticator.forget(credential)
    revocations.apply(credential)
  }
  const revoke: Revoke = async (work) => {
    const credentials = await db.transaction(async (tx) => {
      const dead = await work(tx)
      for (const credential of dead) await notify(tx, CHANNEL, credential)
      return dead
    })
    for (const credential of credentials) die(credential)
  }
  notifications.subscribe(CHANNEL, {
    onMessage: (credential) => die(credential as CredentialId),
    onLost: authenticator.forgetAll,
    onListening: async () => {
      for (const credential of await store.findDead(revocations.watched())) die(credential)
    }
  })
  await bootstrap(db, apiKey, async (tx, credential) => await notify(tx, CHANNEL, credential))

  const limitUser = app.createLimiter('user', config.limits.user, ({ owner }) => owner)
  const limitAnonymous = app.createLimiter('anonymous', config.limits.anonymous, networkOf)

  function noteUse (principal: Principal): void {
    if (principal.via === 'key') lastUsed.note(principal.keyId)
    if (principal.via === 'ssh') lastUsedSsh.note(principal.sshKeyId)
  }

  async function find (credentials: Credentials, beforeQuery: () => void): Promise<Principal | undefined> {
    if (credentials.kind === 'key') return await authenticator.byKey(credentials.key, beforeQuery)
    const sessionId = readToken(credentials.token)
    return sessionId === undefined ? undefined : await authenticator.bySession(sessionId, beforeQuery)
  }

  /** Who has shown too many wrong credentials is not looked up in the database again; what is known by heart goes on. */
  async function findWithinLimit (credentials: Credentials, request: FastifyRequest): Promise<Principal | undefined> {
    const principal = await find(credentials, () => limitAnonymous.refuseExceeded(request))
    if (principal === undefined) await limitAnonymous(request)
    return principal
  }

  function readToken (token: string): string | undefined {
    try {
      const { sid } = app.jwt.verify<{ sid?: unknown }>(token)
      return typeof sid === 'string' && isUuid(sid) ? sid : undefined
    } catch {
      return undefined // Forged, expired or garbage: to the caller it is all the same.
    }
  }

  async function identify (request: FastifyRequest): Promise<Principal> {
    const credentials = presentedCredentials(request)
    if (credentials === undefined) throw new errors.UNAUTHENTICATED()
    const principal = await findWithinLimit(credentials, request)
    if (principal === undefined) throw new errors.UNAUTHENTICATED()
    if (principal.via === 'cookie' && needsOrigin(request) && !isAllowedOrigin(request, config.corsOrigins)) throw new errors.ORIGIN_NOT_ALLOWED()
    trust(request.raw.socket)
    request.owner = principal.userId
    request.principal = principal
    await limitUser(request)
    noteUse(principal)
    return principal
  }

  app.decorateRequest('owner', '')
  app.decorateRequest('principal', null)
  app.decorate('auth', {
    identify,
    onRevoked: revocations.watch,
    byKey: authenticator.byKey,
    bySession: authenticator.bySession,
    bySshKey: async (key: Buffer) => await authenticator.bySshKey(fingerprintOf(key)),
    noteUse,
    isPredefinedKey: (key: string) => timingSafeEqual(hashApiKey(key), predefined),
    strangers: {
      count: async (address: string) => await limitAnonymous(standIn({ ip: address })),
      refuseExceeded: (address: string) => limitAnonymous.refuseExceeded(standIn({ ip: address }))
    },
    countUser: async (userId: string) => await limitUser(standIn({ owner: userId })),
    isSessionToken: (value: string) => readToken(value) !== undefined,
    isAllowedOrigin: (request: FastifyRequest) => isAllowedOrigin(request, config.corsOrigins),
    limitExecutions: app.createLimiter('execute', config.limits.execute, networkOf),
    onAccountEnd: (listener: OnAccountEnd) => { accountEndListeners.push(listener) },
    isUnclaimed: async () => await isFirstUserUnclaimed(db)
  })
  app.decorate('authenticate', async (request) => { await identify(request) })
  app.decorate('requireAdmin', async ({ principal }) => {
    if (principal?.role !== 'admin') throw new errors.ADMIN_ONLY()
  })
  app.decorate('requireTeacher', async ({ principal }) => {
    if (principal === null || principal.role === 'user') throw new errors.TEACHER_ONLY()
  })
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.isUnlimited !== true && presentedCredentials(request) === undefined) await limitAnonymous(request)
  })

  const settled = await registerAuthRoutes(app, {
    config,
    jwtSecret,
    setup,
    revoke,
    onAccountEnd: async (userId, end) => { for (const listener of accountEndListeners) await listener(userId, end) }
  })
  const sweeps = createSweeps(app, config)
  app.addHook('onReady', async () => {
    lastUsed.start()
    lastUsedSsh.start()
    sweeps.start()
  })
  app.addHook('onClose', async () => {
    revocations.close()
    await settled()
    await sweeps.stop()
    await lastUsed.stop()
    await lastUsedSsh.stop()
  })
}, { name: 'auth', dependencies: ['db', 'audit', 'mail', 'rate-limit'] })

/** As much of a request as a limiter looks at. */
function standIn (known: Partial<Pick<FastifyRequest, 'ip' | 'owner'>>): FastifyRequest {
  return { ...known, routeOptions: { config: {} } } as FastifyRequest
}
