import { violatedConstraint } from '../../db/errors.ts'
import type { Database, Querying } from '../../db/open.ts'
import { errors } from '../../errors.ts'
import { QueueFullError } from '../../lib/fair-queue.ts'
import type { Audit, AuditEvent } from '../../plugins/audit.ts'
import { isCommonPassword } from '../password/policy.ts'
import type { PasswordHasher } from '../password/hasher.ts'
import type { CredentialId } from '../principal.ts'
import { claimFirstUser, createSession, createUser, deleteSession, findUser, findUserByEmail, isFirstUserUnclaimed, type Claim, type SessionRow, type UserRow } from './repo.ts'
import type { SetupLink } from '../setup-link.ts'
import type { SetUpBody, SignInBody, SignUpBody } from './schemas.ts'

export type Trace = Required<Pick<AuditEvent, 'requestId' | 'ip'>>

export interface SignedIn {
  readonly user: UserRow
  readonly session: SessionRow
}

export interface AccountService {
  readonly signUp: (body: SignUpBody, trace: Trace) => Promise<SignedIn>
  /** Makes the first administrator, for whoever has the link that the server's start has printed. */
  readonly setUp: (body: SetUpBody, trace: Trace) => Promise<SignedIn>
  readonly signIn: (body: SignInBody, trace: Trace) => Promise<SignedIn>
  readonly signOut: (userId: string, sessionId: string, trace: Trace) => Promise<void>
  readonly find: (userId: string) => Promise<UserRow>
}

/** Kills a credential on every server: `remove` deletes its row. */
export type Revoke = (credential: CredentialId, remove: (tx: Querying) => Promise<void>) => Promise<void>

export function createAccountService ({ db, passwords, revoke, audit, isSignUpOpen, setup, sessionLifetimeMs }: {
  db: Database
  passwords: PasswordHasher
  revoke: Revoke
  audit: Audit
  isSignUpOpen: boolean
  setup: Pick<SetupLink, 'matches' | 'remove'> | undefined
  sessionLifetimeMs: number
}): AccountService {
  async function open (user: UserRow): Promise<SignedIn> {
    return { user, session: await createSession(db, user.id, new Date(Date.now() + sessionLifetimeMs)) }
  }

  async function takeAccount ({ email: typed, password, name }: SignUpBody, trace: Trace, take: (claim: Claim) => Promise<UserRow>): Promise<UserRow> {
    const email = canonicalEmail(typed)
    if (isCommonPassword(password, email)) throw new errors.COMMON_PASSWORD()
    if (await findUserByEmail(db, email) !== undefined) throw new errors.EMAIL_TAKEN()
    const passwordHash = await whenFree(passwords.hash(trace.ip, password))
    return await take({ email, passwordHash, name: name ?? null }).catch((error: unknown) => {
      // Somebody else signed up with it while we were hashing.
      throw violatedConstraint(error) === 'users_email' ? new errors.EMAIL_TAKEN() : error
    })
  }

  return {
    async signUp (body, trace) {
      if (!isSignUpOpen) throw new errors.SIGNUP_CLOSED()
      const user = await takeAccount(body, trace, async (claim) => await createUser(db, claim))
      audit({ ...trace, action: 'user.sign-up', userId: user.id })
      return await open(user)
    },

    async setUp ({ token, ...body }, trace) {
      if (setup?.matches(token) !== true) {
        audit({ ...trace, action: 'user.setup-failed', userId: null })
        throw new errors.BAD_SETUP_TOKEN()
      }
      if (!await isFirstUserUnclaimed(db)) throw new errors.ALREADY_SET_UP()
      const user = await takeAccount(body, trace, async (claim) => {
        const first = await claimFirstUser(db, claim)
        if (first === undefined) throw new errors.ALREADY_SET_UP()
        return first
      })
      audit({ ...trace, action: 'user.setup', userId: user.id })
      await setup.remove()
      return await open(user)
    },

    async signIn ({ email, password }, trace) {
      const user = await findUserByEmail(db, canonicalEmail(email))
      const isRight = await whenFree(passwords.verify(trace.ip, user?.passwordHash ?? undefined, password))
      if (!isRight || user === undefined) {
        audit({ ...trace, action: 'user.sign-in-failed', userId: user?.id ?? null })
        throw new errors.BAD_CREDENTIALS()
      }
      audit({ ...trace, action: 'user.sign-in', userId: user.id })
      return await open(user)
    },

    async signOut (userId, sessionId, trace) {
      await revoke(`session:${sessionId}`, async (tx) => await deleteSession(tx, sessionId))
      audit({ ...trace, action: 'user.sign-out', userId })
    },

    async find (userId) {
      const user = await findUser(db, userId)
      // Deleted since the request was let in.
      if (user === undefined) throw new errors.UNAUTHENTICATED()
      return user
    }
  }
}

export function canonicalEmail (email: string): string {
  return email.trim().toLowerCase()
}

async function whenFree<T> (hashed: Promise<T>): Promise<T> {
  return await hashed.catch((error: unknown) => {
    if (!(error instanceof QueueFullError)) throw error
    throw Object.assign(new errors.RATE_LIMITED(), { retryAfterSeconds: error.retryAfterSeconds })
  })
}
