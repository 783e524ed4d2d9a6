import type { InvitationRow, ReceivedInvitation } from './invitation-repo.ts'
import type { Member } from './repo.ts'
import type { Received, ShownInvitation, ShownMember } from './schemas.ts'

export function presentMember ({ user, role, since }: Member): ShownMember {
  return { user, role, since: since.toISOString() }
}

export function presentInvitation ({ id, role, email, uses, maxUses, createdAt, expiresAt }: InvitationRow): ShownInvitation {
  return { id, role, email, uses, maxUses, createdAt: createdAt.toISOString(), expiresAt: expiresAt.toISOString() }
}

export function presentReceived ({ id, role, project, owner, createdAt, expiresAt }: ReceivedInvitation): Received {
  return { id, role, project, owner, createdAt: createdAt.toISOString(), expiresAt: expiresAt.toISOString() }
}
