import type { Database } from '../../db/open.ts'
import { toPage } from '../../db/page.ts'
import { errors } from '../../errors.ts'
import { readCursor } from '../../http/cursor.ts'
import { generateToken, hashToken } from '../../lib/token.ts'
import type { RoleWatch } from '../core/role-watch.ts'
import type { ProjectService } from '../core/service.ts'
import { findSharedSnapshot, shareSnapshot } from '../core/share-snapshot.ts'
import { changeAssignment, countCopies, createAssignment, deleteAssignment, findAssignment, findByLink, findCopy, findTemplate, listAllCopies, listAssignments, listCopies, listOwnCopies, lockAssignment, putCopy, type AssignmentRow, type CopyRow, type CountedAssignment } from './repo.ts'
import type { ChangeAssignment, CreateAssignment } from './schemas.ts'

interface Page {
  readonly limit?: number
  readonly cursor?: string
}

export interface Opened {
  readonly projectId: string
  /** Whether it was made just now. */
  readonly isNew: boolean
  readonly assignmentId: string
}

const PAGE = 50
const MOST_ASSIGNMENTS = 200
const MOST_COPIES = 1_000

/** Somebody has opened the link twice at once. */
class CopyExistsError extends Error {
  override readonly name = 'CopyExistsError'
}

const toDate = (instant: string | null | undefined): Date | null => instant == null ? null : new Date(instant)

export type AssignmentService = ReturnType<typeof createAssignmentService>

/** What teachers give out, and what has become of it. Another teacher's assignment is as one that does not exist. */
export function createAssignmentService ({ db, projects, roles, onDiscarded }: {
  db: Database
  projects: Pick<ProjectService, 'createFilled'>
  roles: Pick<RoleWatch, 'change'>
  /** There are objects of snapshots to be removed. */
  onDiscarded: () => void
}) {
  async function get (teacherId: string, id: string): Promise<CountedAssignment> {
    const row = await findAssignment(db, teacherId, id)
    if (row === undefined) throw new errors.ASSIGNMENT_NOT_FOUND()
    return row
  }

  async function makeCopy (userId: string, { id: assignmentId, name, runtime, network, memoryBytes, cpus }: AssignmentRow): Promise<void> {
    await projects.createFilled({ userId, name, runtime, network, memoryBytes, cpus }, async (transaction, projectId) => {
      const assignment = await lockAssignment(transaction, assignmentId)
      if (assignment === undefined) throw new errors.BAD_LINK()
      if (assignment.closedAt !== null) throw new errors.ASSIGNMENT_CLOSED()
      if (await findCopy(transaction, assignmentId, userId) !== undefined) throw new CopyExistsError()
      if (await countCopies(transaction, assignmentId) >= MOST_COPIES) throw new errors.ASSIGNMENT_QUOTA(MOST_COPIES, 'copies of this assignment')
      const template = await findTemplate(transaction, assignmentId)
      if (template === undefined) throw new errors.SNAPSHOT_NOT_FOUND()
      await shareSnapshot(transaction, template, { projectId })
      await putCopy(transaction, { assignmentId, userId, projectId })
    })
  }

  return {
    get,

    /** Of a snapshot that the teacher may share: the assignment keeps its files, whatever becomes of that and of its project. */
    create: async (teacherId: string, { name, dueAt }: Pick<CreateAssignment, 'name' | 'dueAt'>, snapshotId: string): Promise<{ row: CountedAssignment, token: string }> => {
      const { token, hash } = generateToken()
      const row = await db.transaction(async (transaction) => {
        const { snapshot, project: { runtime, network, memoryBytes, cpus } } = await findSharedSnapshot(transaction, teacherId, snapshotId)
        const made = await createAssignment(transaction, { teacherId, name, runtime, network, memoryBytes, cpus, hash, dueAt: toDate(dueAt) }, MOST_ASSIGNMENTS)
        if (made === undefined) throw new errors.ASSIGNMENT_QUOTA(MOST_ASSIGNMENTS, 'assignments of yours')
        await shareSnapshot(transaction, snapshot, { assignmentId: made.id })
        return made
      })
      return { row: { ...row, copies: 0 }, token }
    },

    list: async (teacherId: string, { limit = PAGE, cursor }: Page) =>
      toPage(await listAssignments(db, teacherId, { limit: limit + 1, cursor: readCursor(cursor) }), limit),

    change: async (teacherId: string, id: string, { name, dueAt, closed }: ChangeAssignment): Promise<CountedAssignment> => {
      const before = await get(teacherId, id)
      const closedAt = closed === true ? before.closedAt ?? new Date() : null
      const changes = { ...(name === undefined ? {} : { name }), ...(dueAt === undefined ? {} : { dueAt: toDate(dueAt) }), ...(closed === undefined ? {} : { closedAt }) }
      if (!await changeAssignment(db, teacherId, id, changes)) throw new errors.ASSIGNMENT_NOT_FOUND()
      return await get(teacherId, id)
    },

    /** The one before is worth nothing from then on. */
    renewLink: async (teacherId: string, id: string): Promise<string> => {
      const { token, hash } = generateToken()
      if (!await changeAssignment(db, teacherId, id, { hash })) throw new errors.ASSIGNMENT_NOT_FOUND()
      return token
    },

    /** The copies stay with those whose they are, and the teacher has no part in them any more. */
    remove: async (teacherId: string, id: string): Promise<void> => {
      await roles.change(async (transaction) => {
        await lockAssignment(transaction, id)
        const copies = await listAllCopies(transaction, id)
        if (!await deleteAssignment(transaction, teacherId, id)) throw new errors.ASSIGNMENT_NOT_FOUND()
        return { value: undefined, parts: copies.map(({ project }) => ({ projectId: project.id, userId: teacherId })) }
      })
      onDiscarded()
    },

    /** Everybody has one copy: whoever asks again is given the same. */
    open: async (userId: string, token: string): Promise<Opened> => {
      const assignment = await findByLink(db, hashToken(token))
      if (assignment === undefined) throw new errors.BAD_LINK()
      const { id: assignmentId } = assignment
      const present = await findCopy(db, assignmentId, userId)
      if (present !== undefined) return { projectId: present, isNew: false, assignmentId }
      let isNew = true
      await makeCopy(userId, assignment).catch((error: unknown) => {
        if (!(error instanceof CopyExistsError)) throw error
        isNew = false
      })
      const projectId = await findCopy(db, assignmentId, userId)
      if (projectId === undefined) throw new errors.PROJECT_NOT_FOUND()
      return { projectId, isNew, assignmentId }
    },

    copies: async (teacherId: string, id: string, { limit = PAGE, cursor }: Page) => {
      await get(teacherId, id)
      return toPage(await listCopies(db, id, { limit: limit + 1, cursor: readCursor(cursor) }), limit)
    },

    ownCopies: async (userId: string) => await listOwnCopies(db, userId),

    allCopies: async (teacherId: string, id: string): Promise<CopyRow[]> => {
      await get(teacherId, id)
      return await listAllCopies(db, id)
    }
  }
}
