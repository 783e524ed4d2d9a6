import type { UserRole } from '../db/schema/index.ts'

/** Who asks, and by which credential. */
export type Principal = {
  readonly userId: string
  readonly role: UserRole
  readonly expiresAt: Date | null
} & (
  | { readonly via: 'cookie', readonly sessionId: string }
  | { readonly via: 'key', readonly keyId: string }
)

/** Names a credential among all servers; what is told when it is revoked. */
export type CredentialId = `session:${string}` | `key:${string}`

export function credentialOf (principal: Principal): CredentialId {
  return principal.via === 'cookie' ? `session:${principal.sessionId}` : `key:${principal.keyId}`
}

export function isExpired ({ expiresAt }: Pick<Principal, 'expiresAt'>, now: number): boolean {
  return expiresAt !== null && expiresAt.getTime() <= now
}
