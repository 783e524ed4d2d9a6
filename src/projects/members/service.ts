import type { Database } from '../../db/open.ts'
import { toPage } from '../../db/page.ts'
import type { MemberRole } from '../../db/schema/project-members.ts'
import { errors } from '../../errors.ts'
import { readCursor } from '../../http/cursor.ts'
import { canonicalEmail } from '../../lib/email.ts'
import { generateToken, hashToken } from '../../lib/token.ts'
import { checkRole, findRole, isAtLeast, type ProjectRole } from '../core/roles.ts'
import type { RoleWatch } from '../core/role-watch.ts'
import { createInvitation, deleteInvitation, findAccount, listInvitations, listReceived, takeInvitation, useInvitation, type InvitationRow, type NewInvitation, type Presented } from './invitation-repo.ts'
import { changeMember, countMembers, deleteMember, findOwner, listMembers, putMember, type Member } from './repo.ts'
import type { CreateLink, Invite } from './schemas.ts'

interface Page {
  readonly limit?: number
  readonly cursor?: string
}

export interface Joined {
  readonly projectId: string
  readonly role: ProjectRole
  /** Whether they have become a member, or may more than before. */
  readonly isNew: boolean
}

const PAGE = 50
const MOST_MEMBERS = 200
const MOST_INVITATIONS = 50
const DAY_MS = 86_400_000
const LIFETIME_MS = 7 * DAY_MS
const LONGEST_MS = 366 * DAY_MS

export type MemberService = ReturnType<typeof createMemberService>

/** Who works in a project, and how they come in. */
export function createMemberService ({ db, roles, now = Date.now }: { db: Database, roles: Pick<RoleWatch, 'change'>, now?: () => number }) {
  function expiryOf (given: string | undefined): Date {
    const expiresAt = given === undefined ? now() + LIFETIME_MS : Date.parse(given)
    // Not the other way round: a leap second is a time to the schema and NaN to Date.
    if (!(expiresAt > now() && expiresAt <= now() + LONGEST_MS)) throw new errors.BAD_REQUEST('expiresAt must be in the future, within a year')
    return new Date(expiresAt)
  }

  async function create (invitation: NewInvitation): Promise<InvitationRow> {
    const row = await db.transaction(async (transaction) => await createInvitation(transaction, invitation, MOST_INVITATIONS))
    if (row === undefined) throw new errors.MEMBER_QUOTA(MOST_INVITATIONS, 'open invitations')
    return row
  }

  /** Whoever may as much already stays what they are, and uses nothing up. */
  async function join (userId: string, presented: Presented): Promise<Joined | undefined> {
    return await roles.change<Joined | undefined>(async (transaction) => {
      const invitation = await takeInvitation(transaction, presented)
      if (invitation === undefined) return { value: undefined, parts: [] }
      const { projectId, role } = invitation
      const present = await findRole(transaction, userId, projectId)
      if (present !== null && isAtLeast(present, role)) {
        if (invitation.hash === null) await useInvitation(transaction, invitation)
        return { value: { projectId, role: present, isNew: false }, parts: [] }
      }
      if (await countMembers(transaction, projectId) >= MOST_MEMBERS && present === null) throw new errors.MEMBER_QUOTA(MOST_MEMBERS, 'members')
      await putMember(transaction, projectId, userId, role)
      await useInvitation(transaction, invitation)
      return { value: { projectId, role, isNew: true }, parts: [{ projectId, userId }] }
    })
  }

  return {
    /** With the owner, who is none, before all. */
    list: async (projectId: string): Promise<Member[]> => {
      const owner = await findOwner(db, projectId)
      return [...(owner === undefined ? [] : [owner]), ...await listMembers(db, projectId)]
    },

    change: async (projectId: string, userId: string, role: MemberRole): Promise<Member> => await roles.change(async (transaction) => {
      if (!await changeMember(transaction, projectId, userId, role)) throw new errors.MEMBER_NOT_FOUND()
      const value = (await listMembers(transaction, projectId)).find(({ user }) => user.id === userId)
      if (value === undefined) throw new errors.MEMBER_NOT_FOUND()
      return { value, parts: [{ projectId, userId }] }
    }),

    /** A member leaves, or is removed by the owner. */
    remove: async (projectId: string, userId: string, by: { userId: string, role: ProjectRole }): Promise<void> => {
      if (userId !== by.userId) checkRole(by.role, 'own')
      await roles.change(async (transaction) => {
        if (!await deleteMember(transaction, projectId, userId)) throw new errors.MEMBER_NOT_FOUND()
        return { value: undefined, parts: [{ projectId, userId }] }
      })
    },

    /** The same whether there is an account with that email or not, so that nobody finds that out. */
    invite: async (projectId: string, { email: typed, role, expiresAt }: Invite): Promise<InvitationRow> => {
      const email = canonicalEmail(typed)
      return await create({ projectId, role, email, userId: await findAccount(db, email) ?? null, expiresAt: expiryOf(expiresAt) })
    },

    createLink: async (projectId: string, { role, expiresAt, maxUses }: CreateLink): Promise<{ row: InvitationRow, token: string }> => {
      const { token, hash } = generateToken()
      return { row: await create({ projectId, role, hash, maxUses: maxUses ?? null, expiresAt: expiryOf(expiresAt) }), token }
    },

    invitations: async (projectId: string, { limit = PAGE, cursor }: Page) =>
      toPage(await listInvitations(db, projectId, { limit: limit + 1, cursor: readCursor(cursor) }), limit),

    withdraw: async (projectId: string, id: string): Promise<void> => {
      if (!await deleteInvitation(db, id, { projectId })) throw new errors.INVITATION_NOT_FOUND()
    },

    received: async (userId: string, { limit = PAGE, cursor }: Page) =>
      toPage(await listReceived(db, userId, { limit: limit + 1, cursor: readCursor(cursor) }), limit),

    accept: async (userId: string, id: string): Promise<Joined> => {
      const joined = await join(userId, { id, userId })
      if (joined === undefined) throw new errors.INVITATION_NOT_FOUND()
      return joined
    },

    acceptLink: async (userId: string, token: string): Promise<Joined> => {
      const joined = await join(userId, { hash: hashToken(token) })
      if (joined === undefined) throw new errors.BAD_LINK()
      return joined
    },

    decline: async (userId: string, id: string): Promise<void> => {
      if (!await deleteInvitation(db, id, { userId })) throw new errors.INVITATION_NOT_FOUND()
    }
  }
}
