import { violatedConstraint } from '../../db/errors.ts'
import type { Database, Querying } from '../../db/open.ts'
import { toPage } from '../../db/page.ts'
import { errors } from '../../errors.ts'
import { readCursor } from '../../http/cursor.ts'
import { canonicalEmail } from '../../lib/email.ts'
import { QueueFullError } from '../../lib/fair-queue.ts'
import { hashToken } from '../../lib/token.ts'
import type { Audit } from '../../plugins/audit.ts'
import { deleteOwnKeys } from '../keys/repo.ts'
import { deleteResets, findReset, isInvitation, takeInvitation, takeReset } from '../links/repo.ts'
import type { PasswordHasher } from '../password/hasher.ts'
import { isCommonPassword } from '../password/policy.ts'
import type { CredentialId, Principal } from '../principal.ts'
import { deleteSshKeys } from '../ssh-keys/repo.ts'
import type { SetupLink } from '../setup-link.ts'
import { changePassword, changeUser, claimFirstUser, createUser, deleteSessions, findSession, findUser, findUserByEmail, isFirstUserUnclaimed, listSessions, verifyEmail, type Claim, type SessionRow, type UserRow } from './repo.ts'
import type { ChangePasswordBody, DeleteAccountBody, ResetPasswordBody, SetUpBody, SignInBody, SignUpBody } from './schemas.ts'
import type { OpenSession, SignedIn, Trace, Visit } from './sessions.ts'

export interface AccountService {
  /** Where it is closed, for whoever has an invitation. */
  readonly signUp: (body: SignUpBody, visit: Visit) => Promise<SignedIn>
  /** Makes the first administrator, for whoever has the link that the server's start has printed. */
  readonly setUp: (body: SetUpBody, visit: Visit) => Promise<SignedIn>
  /** `admit` throws when too many have failed by the time that it is its turn. */
  readonly signIn: (body: SignInBody, visit: Visit, admit: () => void) => Promise<SignedIn>
  readonly signOut: (userId: string, sessionId: string, trace: Trace) => Promise<void>
  readonly find: (userId: string) => Promise<UserRow>
  readonly rename: (userId: string, name: string | null) => Promise<UserRow>
  /** All browsers but this one are signed out; keys stay. */
  readonly changePassword: (principal: Principal, body: ChangePasswordBody, trace: Trace) => Promise<void>
  /** For whoever has an administrator's link. All browsers are signed out, and this one in. */
  readonly resetPassword: (body: ResetPasswordBody, visit: Visit) => Promise<SignedIn>
  readonly sessions: (userId: string, page: { limit?: number, cursor?: string }) => Promise<{ rows: SessionRow[], nextCursor: string | null }>
  readonly endSessions: (userId: string, which: { id: string } | { butNot: string | undefined }, trace: Trace) => Promise<void>
  /** With all that it owns. */
  readonly remove: (principal: Principal, body: DeleteAccountBody, trace: Trace) => Promise<void>
  /** That the password is the account's; in the same time also for an account without one. Throws WRONG_PASSWORD. */
  readonly verifyPassword: (user: UserRow, password: string, trace: Trace) => Promise<void>
}

/** Kills credentials on every server: those that `work` returns, in whose transaction their rows go or change. */
export type Revoke = (work: (tx: Querying) => Promise<readonly CredentialId[]>) => Promise<void>

const PAGE = 50
/** How long a sign-in stands for the password that an account has not got. */
const FRESH_MS = 10 * 60_000

export function createAccountService ({ db, passwords, open, revoke, removeUser, audit, isSignUpOpen, setup }: {
  db: Database
  passwords: PasswordHasher
  open: OpenSession
  revoke: Revoke
  removeUser: (userId: string, how: { withShared?: boolean }) => Promise<void>
  audit: Audit
  isSignUpOpen: boolean
  setup: Pick<SetupLink, 'matches' | 'remove'> | undefined
}): AccountService {
  async function verifyPassword (user: UserRow, password: string, trace: Trace): Promise<void> {
    if (await whenFree(passwords.verify(user.id, user.passwordHash ?? undefined, password))) return
    audit({ ...trace, action: 'user.password-failed', userId: user.id })
    throw new errors.WRONG_PASSWORD()
  }

  /** An open browser is not enough for what ends others, or the account. */
  async function confirm (user: UserRow, principal: Principal, password: string | undefined, trace: Trace): Promise<void> {
    if (user.passwordHash !== null || password !== undefined) return await verifyPassword(user, password ?? '', trace)
    const session = principal.via === 'cookie' ? await findSession(db, principal.sessionId) : undefined
    if (session === undefined || session.createdAt.getTime() < Date.now() - FRESH_MS) throw new errors.SIGN_IN_AGAIN()
  }

  async function find (userId: string): Promise<UserRow> {
    const user = await findUser(db, userId)
    // Deleted since the request was let in.
    if (user === undefined) throw new errors.UNAUTHENTICATED()
    return user
  }

  async function takeAccount ({ email: typed, password, name }: Omit<SignUpBody, 'invitation'>, trace: Trace, take: (claim: Claim) => Promise<UserRow>): Promise<UserRow> {
    const email = canonicalEmail(typed)
    if (isCommonPassword(password, email)) throw new errors.COMMON_PASSWORD()
    if (await findUserByEmail(db, email) !== undefined) throw new errors.EMAIL_TAKEN()
    const passwordHash = await whenFree(passwords.hash(trace.ip, password))
    return await take({ email, passwordHash, name: name ?? null }).catch((error: unknown) => {
      // Somebody else signed up with it while we were hashing.
      throw violatedConstraint(error) === 'users_email' ? new errors.EMAIL_TAKEN() : error
    })
  }

  /** The invitation is used when the account is there, and not before. */
  async function createInvited (claim: Claim, token: string): Promise<UserRow> {
    return await db.transaction(async (tx) => {
      const invitation = await takeInvitation(tx, hashToken(token))
      if (invitation === undefined || (invitation.email !== null && invitation.email !== claim.email)) throw new errors.BAD_LINK()
      return await createUser(tx, invitation.email === null ? claim : { ...claim, emailVerifiedAt: new Date() }, invitation.role)
    })
  }

  /** Whoever has signed up with the email before it was shown to be theirs keeps no key to what its owner has in the account. */
  async function claimEmail (tx: Querying, user: UserRow): Promise<CredentialId[]> {
    if (user.emailVerifiedAt !== null) return []
    await verifyEmail(tx, user.id)
    const [keys, ssh] = [await deleteOwnKeys(tx, user.id), await deleteSshKeys(tx, user.id)]
    return [...keys.map((key) => `key:${key}` as const), ...ssh.map((key) => `ssh:${key}` as const)]
  }

  return {
    async signUp ({ invitation, ...body }, visit) {
      if (invitation === undefined && !isSignUpOpen) throw new errors.SIGNUP_CLOSED()
      // Before anything is hashed, or said of an email; and once more when it counts.
      if (invitation !== undefined && !await isInvitation(db, hashToken(invitation))) throw new errors.BAD_LINK()
      const user = await takeAccount(body, visit.trace, async (claim) =>
        invitation === undefined ? await createUser(db, claim, 'user') : await createInvited(claim, invitation))
      audit({ ...visit.trace, action: 'user.sign-up', userId: user.id })
      return await open(user, visit)
    },

    async setUp ({ token, ...body }, visit) {
      if (setup?.matches(token) !== true) {
        audit({ ...visit.trace, action: 'user.setup-failed', userId: null })
        throw new errors.BAD_SETUP_TOKEN()
      }
      if (!await isFirstUserUnclaimed(db)) throw new errors.ALREADY_SET_UP()
      const user = await takeAccount(body, visit.trace, async (claim) => {
        const first = await claimFirstUser(db, claim)
        if (first === undefined) throw new errors.ALREADY_SET_UP()
        return first
      })
      audit({ ...visit.trace, action: 'user.setup', userId: user.id })
      await setup.remove()
      return await open(user, visit)
    },

    async signIn ({ email, password }, visit, admit) {
      const user = await findUserByEmail(db, canonicalEmail(email))
      const isRight = await whenFree(passwords.verify(visit.trace.ip, user?.passwordHash ?? undefined, password, admit))
      if (!isRight || user === undefined) {
        audit({ ...visit.trace, action: 'user.sign-in-failed', userId: user?.id ?? null })
        throw new errors.BAD_CREDENTIALS()
      }
      if (user.disabledAt !== null) throw new errors.ACCOUNT_DISABLED()
      audit({ ...visit.trace, action: 'user.sign-in', userId: user.id })
      return await open(user, visit)
    },

    async signOut (userId, sessionId, trace) {
      await revoke(async (tx) => (await deleteSessions(tx, userId, { id: sessionId })).map(toCredential))
      audit({ ...trace, action: 'user.sign-out', userId })
    },

    find,

    async rename (userId, name) {
      const user = await changeUser(db, userId, { name })
      if (user === undefined) throw new errors.UNAUTHENTICATED()
      return user
    },

    async changePassword (principal, { current, password }, trace) {
      const user = await find(principal.userId)
      await confirm(user, principal, current, trace)
      if (isCommonPassword(password, user.email ?? '')) throw new errors.COMMON_PASSWORD()
      const passwordHash = await whenFree(passwords.hash(user.id, password))
      const butNot = principal.via === 'cookie' ? principal.sessionId : undefined
      await revoke(async (tx) => {
        // Somebody else, who knew it too, has been faster.
        if (!await changePassword(tx, user, passwordHash)) throw new errors.WRONG_PASSWORD()
        await deleteResets(tx, user.id)
        return (await deleteSessions(tx, user.id, { butNot })).map(toCredential)
      })
      audit({ ...trace, action: 'user.password', userId: user.id })
    },

    async resetPassword ({ token, password }, visit) {
      const hash = hashToken(token)
      // Before anything is hashed, and once more when it counts.
      const reset = await findReset(db, hash)
      if (reset === undefined) throw new errors.BAD_LINK()
      const user = await find(reset.userId)
      if (user.disabledAt !== null) throw new errors.ACCOUNT_DISABLED()
      if (isCommonPassword(password, user.email ?? '')) throw new errors.COMMON_PASSWORD()
      const passwordHash = await whenFree(passwords.hash(visit.trace.ip, password))
      await revoke(async (tx) => {
        if (await takeReset(tx, hash) !== user.id || !await changePassword(tx, user, passwordHash)) throw new errors.BAD_LINK()
        const sessions = (await deleteSessions(tx, user.id, { butNot: undefined })).map(toCredential)
        return [...sessions, ...reset.isMailed ? await claimEmail(tx, user) : []]
      })
      audit({ ...visit.trace, action: 'user.password-reset', userId: user.id })
      return await open(user, visit)
    },

    async sessions (userId, { limit = PAGE, cursor }) {
      return toPage(await listSessions(db, userId, { limit: limit + 1, cursor: readCursor(cursor) }), limit)
    },

    async endSessions (userId, which, trace) {
      let ended = 0
      await revoke(async (tx) => {
        const ids = await deleteSessions(tx, userId, which)
        ended = ids.length
        return ids.map(toCredential)
      })
      if ('id' in which && ended === 0) throw new errors.SESSION_NOT_FOUND()
      if (ended > 0) audit({ ...trace, action: 'user.sign-out', userId, details: { browsers: ended } })
    },

    async remove (principal, { password, ...how }, trace) {
      const { userId } = principal
      await confirm(await find(userId), principal, password, trace)
      await removeUser(userId, how)
      audit({ ...trace, action: 'user.delete', userId: null, subject: userId })
    },

    verifyPassword
  }
}

const toCredential = (sessionId: string): CredentialId => `session:${sessionId}`

async function whenFree<T> (hashed: Promise<T>): Promise<T> {
  return await hashed.catch((error: unknown) => {
    if (!(error instanceof QueueFullError)) throw error
    throw Object.assign(new errors.RATE_LIMITED(), { retryAfterSeconds: error.retryAfterSeconds })
  })
}
