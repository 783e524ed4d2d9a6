import type { Database, Querying } from '../../db/open.ts'
import { toPage } from '../../db/page.ts'
import type { UserRole } from '../../db/schema/index.ts'
import { errors } from '../../errors.ts'
import { readCursor } from '../../http/cursor.ts'
import { canonicalEmail } from '../../lib/email.ts'
import { generateToken } from '../../lib/token.ts'
import type { Audit } from '../../plugins/audit.ts'
import type { SendMail } from '../../plugins/mail.ts'
import { changeUser, deleteSessions, findUser, findUserByEmail, type UserRow } from '../accounts/repo.ts'
import type { Revoke } from '../accounts/service.ts'
import type { Trace } from '../accounts/sessions.ts'
import { createLink, deleteInvitation, deleteResets, listInvitations, type LinkRow } from '../links/repo.ts'
import { invitationMail } from '../mails.ts'
import type { CredentialId } from '../principal.ts'
import { countShared, deleteUser, hasOtherAdmin, keysOf, listUsers } from './repo.ts'
import type { ChangeUserBody, InviteBody, Limits } from './schemas.ts'

/** Who does it, for the audit log. */
export interface By {
  readonly admin: string
  readonly trace: Trace
}

export interface NewLink {
  readonly row: LinkRow
  readonly token: string
}

interface Page {
  readonly limit?: number
  readonly cursor?: string
}

/** Called when somebody is kept out, before the account goes if it is deleted: what it owns is to be stopped, or to go too. */
export type OnAccountEnd = (userId: string, end: { readonly isDeleted: boolean }) => Promise<void>

const PAGE = 50
const RESET_LIFETIME_MS = 24 * 3_600_000
const INVITATION_LIFETIME_MS = 14 * 24 * 3_600_000

/** What administrators do with the accounts of others. */
export function createUserService ({ db, revoke, audit, onAccountEnd, send, publicUrl, onMailError }: {
  db: Database
  revoke: Revoke
  audit: Audit
  onAccountEnd: OnAccountEnd
  send: SendMail | undefined
  publicUrl: () => string
  onMailError: (error: unknown) => void
}) {
  async function find (id: string): Promise<UserRow> {
    const user = await findUser(db, id)
    if (user === undefined) throw new errors.USER_NOT_FOUND()
    return user
  }

  /** Throws LAST_ADMIN where there would be nobody left; undefined if the account has gone. */
  async function change (tx: Querying, id: string, changes: Parameters<typeof changeUser>[2]): Promise<UserRow | undefined> {
    const endsAdmin = (changes.role !== undefined && changes.role !== 'admin') || changes.disabledAt instanceof Date
    if (endsAdmin && (await findUser(tx, id))?.role === 'admin' && !await hasOtherAdmin(tx, id)) throw new errors.LAST_ADMIN()
    return await changeUser(tx, id, changes)
  }

  /** All that somebody comes in by, open sockets included. */
  async function keepOut (tx: Querying, id: string): Promise<CredentialId[]> {
    await deleteResets(tx, id)
    const sessions = await deleteSessions(tx, id, { butNot: undefined })
    return [...sessions.map((session): CredentialId => `session:${session}`), ...await keysOf(tx, id)]
  }

  async function createWith (link: Omit<Parameters<typeof createLink>[1], 'hash'>): Promise<NewLink> {
    const { token, hash } = generateToken()
    return { row: await createLink(db, { ...link, hash }), token }
  }

  async function mailInvitation (to: string, token: string): Promise<boolean> {
    if (send === undefined) return false
    const url = publicUrl()
    return await send({ to, ...invitationMail({ url, link: `${url}/join#${token}` }) }).then(() => true, (error: unknown) => {
      onMailError(error)
      return false
    })
  }

  async function update (before: UserRow, { name, role, disabled, limits = {} }: ChangeUserBody, by: By): Promise<UserRow> {
    const { id } = before
    const disabledAt = disabled === undefined ? before.disabledAt : disabled ? before.disabledAt ?? new Date() : null
    let user: UserRow | undefined
    await revoke(async (tx) => {
      user = await change(tx, id, { ...(disabled === undefined ? {} : { disabledAt }), ...(name === undefined ? {} : { name }), ...(role === undefined ? {} : { role }), ...toColumns(limits) })
      if (user === undefined) throw new errors.USER_NOT_FOUND()
      if (disabledAt !== null) return await keepOut(tx, id)
      // What is known of them by heart has the old role.
      return role === undefined || role === before.role ? [] : [...(await deleteSessions(tx, id, { butNot: undefined })).map((session): CredentialId => `session:${session}`), ...await keysOf(tx, id)]
    })
    audit({ ...by.trace, action: 'user.change', userId: by.admin, subject: id, details: { ...(role === undefined ? {} : { role }), ...(disabled === undefined ? {} : { disabled }), ...limits } })
    if (disabledAt !== null) await onAccountEnd(id, { isDeleted: false })
    return user ?? before
  }

  return {
    find,

    list: async ({ search, limit = PAGE, cursor }: Page & { search?: string }) =>
      toPage(await listUsers(db, { search, limit: limit + 1, cursor: readCursor(cursor) }), limit),

    change: async (id: string, changes: ChangeUserBody, by: By): Promise<UserRow> => await update(await find(id), changes, by),

    /** As a provider says that they are one of its administrators, or none. Undefined, and nothing done, for the last one. */
    async changeRole (user: UserRow, role: UserRole, trace: Trace): Promise<UserRow | undefined> {
      return await update(user, { role }, { admin: user.id, trace }).catch((error: unknown) => {
        if (error instanceof errors.LAST_ADMIN) return undefined
        throw error
      })
    },

    /**
     * First nobody comes in, then what it owns goes, then the account: whatever fails in between is done again by asking
     * again. Refused while others work in what it owns, unless that is meant.
     */
    async remove (id: string, { withShared = false }: { withShared?: boolean | undefined } = {}): Promise<void> {
      await find(id)
      const shared = withShared ? 0 : await countShared(db, id)
      if (shared > 0) throw new errors.OWNS_SHARED(shared)
      await revoke(async (tx) => {
        await change(tx, id, { disabledAt: new Date() })
        return await keepOut(tx, id)
      })
      await onAccountEnd(id, { isDeleted: true })
      await deleteUser(db, id)
    },

    async createReset (id: string, by: By): Promise<NewLink> {
      const { email } = await find(id)
      if (email === null) throw new errors.BAD_REQUEST('This is the first user, who has no password before the server is set up: its start prints the link')
      const link = await createWith({ userId: id, createdBy: by.admin, expiresAt: new Date(Date.now() + RESET_LIFETIME_MS) })
      audit({ ...by.trace, action: 'user.reset-link', userId: by.admin, subject: id })
      return link
    },

    /** By mail, too, if there is an email and a mail server. The invitation counts also where that fails. */
    async invite ({ email: typed, role = 'user' }: InviteBody, by: By): Promise<NewLink & { readonly isMailed: boolean }> {
      const email = typed === undefined ? null : canonicalEmail(typed)
      if (email !== null && await findUserByEmail(db, email) !== undefined) throw new errors.EMAIL_TAKEN()
      const link = await createWith({ email, role, createdBy: by.admin, expiresAt: new Date(Date.now() + INVITATION_LIFETIME_MS) })
      audit({ ...by.trace, action: 'user.invite', userId: by.admin, subject: link.row.id })
      return { ...link, isMailed: email !== null && await mailInvitation(email, link.token) }
    },

    invitations: async ({ limit = PAGE, cursor }: Page) =>
      toPage(await listInvitations(db, { limit: limit + 1, cursor: readCursor(cursor) }), limit),

    async withdraw (id: string, by: By): Promise<void> {
      if (!await deleteInvitation(db, id)) throw new errors.INVITATION_NOT_FOUND()
      audit({ ...by.trace, action: 'user.withdraw', userId: by.admin, subject: id })
    }
  }
}
function toColumns ({ projects, projectsRunning, snapshotBytes }: Partial<Limits>): Parameters<typeof changeUser>[2] {
  return {
    ...(projects === undefined ? {} : { projectsMost: projects }),
    ...(projectsRunning === undefined ? {} : { projectsRunningMost: projectsRunning }),
    ...(snapshotBytes === undefined ? {} : { snapshotBytesMost: snapshotBytes })
  }
}
export type UserService = ReturnType<typeof createUserService>
