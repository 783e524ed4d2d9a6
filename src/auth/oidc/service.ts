import { violatedConstraint } from '../../db/errors.ts'
import type { Database, Querying } from '../../db/open.ts'
import type { UserRole } from '../../db/schema/index.ts'
import { errors } from '../../errors.ts'
import type { Audit } from '../../plugins/audit.ts'
import { createUser, findUserByEmail, verifyEmail, type UserRow } from '../accounts/repo.ts'
import type { OpenSession, SignedIn, Trace, Visit } from '../accounts/sessions.ts'
import { deleteInvitationsFor, findInvitedRole } from '../links/repo.ts'
import { planSignIn, roleByGroup, type Known, type Rules } from './plan.ts'
import type { Claims } from './provider.ts'
import { createIdentity, findByIdentity, hasIdentityOf } from './repo.ts'

export interface OidcService {
  /** Undefined where the account's password is to be told first. */
  readonly signIn: (claims: Claims, visit: Visit) => Promise<SignedIn | undefined>
  /** With the password of the account that has the email; from then on the provider suffices. */
  readonly connect: (claims: Claims, password: string, visit: Visit) => Promise<SignedIn>
}

export interface OidcServiceOptions {
  readonly db: Database
  readonly rules: Rules
  readonly openSession: OpenSession
  /** Throws WRONG_PASSWORD. */
  readonly verifyPassword: (user: UserRow, password: string, trace: Trace) => Promise<void>
  /** Undefined where it would leave nobody to administer the server. */
  readonly changeRole: (user: UserRow, role: UserRole, trace: Trace) => Promise<UserRow | undefined>
  readonly audit: Audit
}

const RACES = ['users_email', 'user_identities_subject']

/** Signs in whoever the provider knows. */
export function createOidcService ({ db, rules, openSession, verifyPassword, changeRole, audit }: OidcServiceOptions): OidcService {
  async function lookUp (claims: Claims): Promise<Known<UserRow>> {
    const { email, issuer } = claims
    const linked = await findByIdentity(db, claims)
    if (linked !== undefined || email === undefined) return { linked, sameEmail: undefined, isOther: false, invited: undefined }
    const sameEmail = await findUserByEmail(db, email)
    return {
      linked,
      sameEmail,
      isOther: sameEmail !== undefined && await hasIdentityOf(db, sameEmail.id, issuer),
      invited: await findInvitedRole(db, email)
    }
  }

  async function create (tx: Querying, claims: Claims, email: string, role: UserRole): Promise<UserRow> {
    await deleteInvitationsFor(tx, email)
    const user = await createUser(tx, { email, passwordHash: null, name: claims.name ?? null, emailVerifiedAt: new Date() }, role)
    await createIdentity(tx, user.id, claims)
    return user
  }

  async function admit (claims: Claims, { trace }: Visit): Promise<UserRow | undefined> {
    const plan = planSignIn(claims, await lookUp(claims), rules)
    if (plan.kind === 'connect') return undefined
    if (plan.kind === 'sign-in') return plan.user
    if (plan.kind === 'link') return await link(plan.user, claims, trace)
    const user = await db.transaction(async (tx) => await create(tx, claims, plan.email, plan.role))
    audit({ ...trace, action: 'user.sign-up', userId: user.id, details: { by: 'oidc' } })
    return user
  }

  async function link (user: UserRow, claims: Claims, trace: Trace): Promise<UserRow> {
    await createIdentity(db, user.id, claims)
    await verifyEmail(db, user.id)
    audit({ ...trace, action: 'user.connect', userId: user.id, details: { issuer: claims.issuer } })
    return user
  }

  async function open (user: UserRow, claims: Claims, visit: Visit): Promise<SignedIn> {
    const role = roleByGroup(claims.role, user.role)
    const current = role === user.role ? user : await changeRole(user, role, visit.trace) ?? user
    audit({ ...visit.trace, action: 'user.sign-in', userId: user.id, details: { by: 'oidc' } })
    return await openSession(current, visit)
  }

  return {
    async signIn (claims, visit) {
      const user = await admit(claims, visit).catch(async (error: unknown) => {
        // Somebody, most likely the same in another tab, has been faster: now they are known.
        if (!RACES.includes(violatedConstraint(error) ?? '')) throw error
        return await admit(claims, visit)
      })
      return user === undefined ? undefined : await open(user, claims, visit)
    },

    async connect (claims, password, visit) {
      const plan = planSignIn(claims, await lookUp(claims), rules)
      // It was connected meanwhile, or the account is another one by now.
      if (plan.kind !== 'connect') throw new errors.OIDC_EXPIRED()
      await verifyPassword(plan.user, password, visit.trace)
      return await open(await link(plan.user, claims, visit.trace), claims, visit)
    }
  }
}
