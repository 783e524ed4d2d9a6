import { errors } from '../../errors.ts'
import type { UserRole } from '../../db/schema/index.ts'
import type { Claims } from './provider.ts'

/** What is known here of whoever comes from the provider. */
export interface Known<User> {
  /** Whose identity it is. */
  readonly linked: User | undefined
  /** Who has the email. */
  readonly sameEmail: User | undefined
  /** Whether that one is somebody else to the same provider. */
  readonly isOther: boolean
  /** The role of an invitation for the email. */
  readonly invited: UserRole | undefined
}

export interface Rules {
  readonly isSignUpOpen: boolean
  readonly domains: readonly string[] | undefined
}

export type Plan<User> =
  | { readonly kind: 'sign-in', readonly user: User }
  | { readonly kind: 'link', readonly user: User }
  /** Once they have told the account's password. */
  | { readonly kind: 'connect', readonly user: User }
  | { readonly kind: 'create', readonly email: string, readonly role: UserRole }

/**
 * Who may come in, and as whom. An account is known by issuer and subject. By its email alone, even a verified one, nobody
 * takes over one with a password: whoever has signed up here with an email that is not theirs would wait in it for its
 * owner to come, and an address that was given to somebody new would bring along what the old one had. So the password is
 * asked for, once. An account without one was made by a provider; it goes with its email to another provider, but never
 * to another person of the same.
 */
export function planSignIn<User extends { readonly passwordHash: string | null, readonly disabledAt: Date | null }> (
  { email, role }: Pick<Claims, 'email' | 'role'>, { linked, sameEmail, isOther, invited }: Known<User>, rules: Rules
): Plan<User> {
  if (rules.domains !== undefined && !rules.domains.includes(email?.split('@')[1] ?? '')) throw new errors.OIDC_DOMAIN()
  if (linked !== undefined) return { kind: 'sign-in', user: enabled(linked) }
  if (email === undefined) throw new errors.OIDC_EMAIL_UNVERIFIED()
  if (sameEmail !== undefined) {
    if (sameEmail.passwordHash !== null) return { kind: 'connect', user: enabled(sameEmail) }
    if (isOther) throw new errors.OIDC_EMAIL_TAKEN()
    return { kind: 'link', user: enabled(sameEmail) }
  }
  if (invited === undefined && role !== 'admin' && !rules.isSignUpOpen) throw new errors.OIDC_NO_ACCOUNT()
  return { kind: 'create', email, role: roleByGroup(role, invited ?? 'user') }
}

/** The provider's group says who is an administrator, and nothing of teachers. */
export function roleByGroup (claimed: UserRole | undefined, present: UserRole): UserRole {
  return claimed === undefined || (claimed === 'user' && present !== 'admin') ? present : claimed
}

function enabled<User extends { readonly disabledAt: Date | null }> (user: User): User {
  if (user.disabledAt !== null) throw new errors.ACCOUNT_DISABLED()
  return user
}
