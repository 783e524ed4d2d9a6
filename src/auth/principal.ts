import type { UserRole } from '../db/schema/index.ts'

/** Who asks, and by which credential. */
export type Principal = {
  readonly userId: string
  readonly role: UserRole
  readonly expiresAt: Date | null
} & (
  | { readonly via: 'cookie', readonly sessionId: string }
  | { readonly via: 'key', readonly keyId: string }
  | { readonly via: 'ssh', readonly sshKeyId: string }
)

/** Names a credential among all servers; what is told when it is revoked. */
export type CredentialId = `session:${string}` | `key:${string}` | `ssh:${string}`

export function credentialOf (principal: Principal): CredentialId {
  switch (principal.via) {
    case 'cookie': return `session:${principal.sessionId}`
    case 'key': return `key:${principal.keyId}`
    case 'ssh': return `ssh:${principal.sshKeyId}`
  }
}

export function isExpired ({ expiresAt }: Pick<Principal, 'expiresAt'>, now: number): boolean {
  return expiresAt !== null && expiresAt.getTime() <= now
}
