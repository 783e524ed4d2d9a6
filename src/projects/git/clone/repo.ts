import { and, eq, isNull, lte, or, sql } from 'drizzle-orm'
import type { Database } from '../../../db/open.ts'
import { projectClones } from '../../../db/schema/project-clones.ts'
import { projects } from '../../../db/schema/projects.ts'
import { fromNow } from '../../../db/time.ts'
import type { Repository } from '../../core/source/source.ts'

const WAITING_PAGE = 64

export interface ClonedProject extends Repository {
  readonly id: string
}

export type CloneOutcome = { readonly status: 'ready', readonly commit: string | null } | { readonly status: 'failed', readonly error: string }

export type CloneRepo = ReturnType<typeof createCloneRepo>

/** The repositories that projects are from, and who is at work on getting them. Times are the database's. */
export function createCloneRepo (db: Database) {
  const { projectId, url, ref, status, owner, expiresAt } = projectClones
  const mine = (id: string, token: string) => and(eq(projectId, id), eq(owner, token))
  const isFree = and(eq(status, 'cloning'), or(isNull(expiresAt), lte(expiresAt, sql`now()`)))

  return {
    /** Projects whose clone nobody is at work on, the oldest first; no more than a round has use for. */
    listWaiting: async (): Promise<string[]> => {
      const rows = await db.select({ projectId })
        .from(projectClones)
        .innerJoin(projects, eq(projects.id, projectId))
        .where(and(isFree, isNull(projects.deletedAt)))
        .orderBy(projects.createdAt)
        .limit(WAITING_PAGE)
      return rows.map(({ projectId }) => projectId)
    },

    claim: async (id: string, { token, leaseMs }: { token: string, leaseMs: number }): Promise<ClonedProject | undefined> => {
      const [row] = await db.update(projectClones)
        .set({ owner: token, expiresAt: fromNow(leaseMs) })
        .where(and(eq(projectId, id), isFree))
        .returning({ id: projectId, url, ref })
      return row
    },

    renew: async (id: string, token: string, leaseMs: number): Promise<boolean> => {
      const rows = await db.update(projectClones).set({ expiresAt: fromNow(leaseMs) }).where(mine(id, token)).returning({ projectId })
      return rows.length > 0
    },

    release: async (id: string, token: string): Promise<void> => {
      await db.update(projectClones).set({ owner: null, expiresAt: null }).where(mine(id, token))
    },

    /** False when the project was deleted meanwhile, or the lease was lost. */
    finish: async (id: string, token: string, outcome: CloneOutcome): Promise<boolean> => {
      const rows = await db.update(projectClones).set({ ...outcome, owner: null, expiresAt: null }).where(mine(id, token)).returning({ projectId })
      return rows.length > 0
    }
  }
}
