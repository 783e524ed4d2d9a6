import type { FastifyInstance } from 'fastify'
import type { Config } from '../config.ts'
import { publicUrlOf } from '../http/public-url.ts'
import { networkOf } from '../plugins/rate-limit.ts'
import { createForgottenPasswords } from './accounts/forgotten.ts'
import { accountRoutes } from './accounts/routes.ts'
import { createAccountService, type Revoke } from './accounts/service.ts'
import { createOpenSession } from './accounts/sessions.ts'
import { auditRoutes } from './audit/routes.ts'
import { exportRoutes } from './export/routes.ts'
import { keyRoutes } from './keys/routes.ts'
import { createKeyService } from './keys/service.ts'
import { methodsRoute } from './methods.ts'
import { identityRoutes } from './oidc/identity-routes.ts'
import { registerOidc } from './oidc/index.ts'
import { createPasswordHasher } from './password/hasher.ts'
import type { SetupLink } from './setup-link.ts'
import { sshKeyRoutes } from './ssh-keys/routes.ts'
import { createSshKeyService } from './ssh-keys/service.ts'
import { usageRoutes } from './usage/routes.ts'
import { userRoutes } from './users/routes.ts'
import { createUserService, type OnAccountEnd } from './users/service.ts'

export interface AuthRoutesOptions {
  readonly config: Config
  readonly jwtSecret: string
  readonly setup: Pick<SetupLink, 'matches' | 'remove'> | undefined
  readonly revoke: Revoke
  readonly onAccountEnd: OnAccountEnd
}

/** All that is called by clients. Returns how to wait for what goes on after its answer. */
export async function registerAuthRoutes (app: FastifyInstance, { config, jwtSecret, setup, revoke, onAccountEnd }: AuthRoutesOptions): Promise<() => Promise<void>> {
  const { db, log } = app
  const publicUrl = (): string => publicUrlOf(app.server, config.previews)
  const send = app.sendMail
  const onMailError = (err: unknown): void => log.warn({ err }, 'a mail could not be sent')
  const users = createUserService({
    db,
    revoke,
    audit: app.audit,
    send,
    publicUrl,
    onMailError,
    onAccountEnd
  })
  const open = createOpenSession(db)
  const isSignUpOpen = config.auth.signUp === 'open'
  const accounts = createAccountService({
    db,
    open,
    revoke,
    removeUser: async (userId, how) => await users.remove(userId, how),
    audit: app.audit,
    passwords: await createPasswordHasher({ concurrency: config.auth.hashConcurrency }),
    isSignUpOpen,
    setup
  })
  // One for all that can be guessed at: an account is guessed at by one call or asked for by the other.
  const limits = { perNetwork: app.createLimiter('sign-in-network', config.limits.signIn, networkOf), network: config.limits.signIn, perEmail: config.limits.signInEmail }
  const forgotten = send === undefined ? undefined : createForgottenPasswords({ db, send, audit: app.audit, publicUrl, provider: config.oidc?.name, onError: onMailError })
  await app.register(accountRoutes, { limits, accounts, forgotten })
  const oidc = await registerOidc(app, {
    config: config.oidc,
    secret: jwtSecret,
    publicUrl,
    limits,
    db,
    openSession: open,
    verifyPassword: accounts.verifyPassword,
    changeRole: async (user, role, trace) => await users.changeRole(user, role, trace),
    audit: app.audit
  })
  await app.register(methodsRoute, { isSignUpOpen, isUnclaimed: app.auth.isUnclaimed, hasMail: send !== undefined, oidc })
  await app.register(async (scope) => {
    scope.addHook('onRequest', scope.authenticate)
    await scope.register(auditRoutes)
    await scope.register(userRoutes, { users, limits: { projects: config.projects.quota, projectsRunning: config.projects.runningPerOwner, snapshotBytes: config.snapshots.ownerBytes } })
    await scope.register(identityRoutes)
    await scope.register(usageRoutes)
    await scope.register(exportRoutes, { isLimited: config.limits.user !== false })
    await scope.register(keyRoutes, { keys: createKeyService({ db, revoke, audit: app.audit }) })
    await scope.register(sshKeyRoutes, { sshKeys: createSshKeyService({ db, revoke, audit: app.audit }) })
  })
  return async () => await forgotten?.settled()
}
