import type { Database, Querying } from '../../db/open.ts'
import { errors } from '../../errors.ts'
import type { Change, RoleWatch } from '../core/role-watch.ts'
import type { ProjectRole } from '../core/roles.ts'
import { changeOwner, deleteOffer, deleteSecrets, findOffer, isCopy, lockStopped, lockUser, putOffer, snapshotBytesOf, type Offer } from './repo.ts'

export interface OwnershipOptions {
  readonly db: Database
  readonly roles: Pick<RoleWatch, 'change'>
  /** Most projects of somebody for whom no other number was set. */
  readonly quota: number
  /** How many bytes of snapshots somebody may still have. */
  readonly snapshotRoomOf: (userId: string) => Promise<number>
}

export type OwnershipService = ReturnType<typeof createOwnershipService>

/**
 * Projects handed on: by their owner, to a member who accepts, or by an administrator. The files need no other owner, as
 * each project has a user of its own; only a stopped one is handed on, as no sandbox serves two owners.
 */
export function createOwnershipService ({ db, roles, quota, snapshotRoomOf }: OwnershipOptions) {
  async function give (transaction: Querying, projectId: string, to: string, then: () => Promise<void>): Promise<Change<{ from: string }>> {
    // In the order in which a new project locks them.
    const user = await lockUser(transaction, to)
    if (user === undefined) throw new errors.USER_NOT_FOUND()
    const project = await lockStopped(transaction, projectId)
    if (project === undefined) throw new errors.PROJECT_NOT_FOUND()
    const { owner: from, isAtRest } = project
    if (from === to) return { value: { from }, parts: [] }
    if (!isAtRest) throw new errors.PROJECT_NOT_STOPPED()
    if (await isCopy(transaction, projectId)) throw new errors.PROJECT_IS_COPY()
    if (user.owned >= (user.most ?? quota)) throw new errors.PROJECT_QUOTA(user.most ?? quota)
    await then()
    await changeOwner(transaction, projectId, from, to)
    return { value: { from }, parts: [{ projectId, userId: from }, { projectId, userId: to }] }
  }

  async function checkSnapshots (projectId: string, to: string): Promise<void> {
    const [room, bytes] = await Promise.all([snapshotRoomOf(to), snapshotBytesOf(db, projectId)])
    if (bytes > room) throw new errors.SNAPSHOTS_FULL()
  }

  return {
    /** For the owner and for whom it is offered to. */
    offerFor: async (projectId: string, asking: { userId: string, role: ProjectRole }): Promise<Offer | undefined> => {
      const offer = await findOffer(db, projectId)
      return asking.role === 'owner' || offer?.user.id === asking.userId ? offer : undefined
    },

    /** To a member, in place of any other. */
    offer: async (projectId: string, to: string): Promise<Offer> => await db.transaction(async (transaction) => {
      if (await isCopy(transaction, projectId)) throw new errors.PROJECT_IS_COPY()
      await deleteOffer(transaction, projectId)
      const isMember = await putOffer(transaction, projectId, to)
      const offer = isMember ? await findOffer(transaction, projectId) : undefined
      if (offer === undefined) throw new errors.MEMBER_NOT_FOUND()
      return offer
    }),

    /** By its owner, or by whom it was offered to. */
    withdraw: async (projectId: string, by: { userId: string, role: ProjectRole }): Promise<void> => {
      if (!await deleteOffer(db, projectId, by.role === 'owner' ? undefined : by.userId)) throw new errors.OFFER_NOT_FOUND()
    },

    /** With all that it has. */
    accept: async (projectId: string, userId: string): Promise<{ from: string }> => {
      await checkSnapshots(projectId, userId)
      return await roles.change(async (transaction) => {
        const change = await give(transaction, projectId, userId, async () => {
          if (!await deleteOffer(transaction, projectId, userId)) throw new errors.OFFER_NOT_FOUND()
        })
        // It is theirs already.
        if (change.parts.length === 0) throw new errors.OFFER_NOT_FOUND()
        return change
      })
    },

    /** At once, to anybody: secrets and git credentials, which its owner has not offered, go. */
    assign: async (projectId: string, userId: string): Promise<{ from: string }> => {
      await checkSnapshots(projectId, userId)
      return await roles.change(async (transaction) => await give(transaction, projectId, userId, async () => await deleteSecrets(transaction, projectId)))
    }
  }
}
