import { and, count, eq, exists, inArray, isNull, sql, type Placeholder } from 'drizzle-orm'
import type { Database, Querying } from '../../db/open.ts'
import { newestFirst, pageAfter, type Cursor } from '../../db/page.ts'
import { containerInstances } from '../../db/schema/container-instances.ts'
import { projectClones } from '../../db/schema/project-clones.ts'
import { projectFiles } from '../../db/schema/project-files.ts'
import { projectServices } from '../../db/schema/project-services.ts'
import { projectMembers } from '../../db/schema/project-members.ts'
import { projects } from '../../db/schema/projects.ts'
import { users } from '../../db/schema/users.ts'
import type { PlannedFile } from '../../programs/source-files.ts'
import { locationOf, runningContainer, type Location } from './location.ts'
import { roleIn, type ProjectRole } from './roles.ts'
import type { Repository, Source } from './source/source.ts'

export type ProjectRow = typeof projects.$inferSelect
/** With what it is to somebody. */
export type ListedProject = ProjectRow & { readonly role: ProjectRole | null }
/** With where it is, too. */
export type FoundProject = ProjectRow & { readonly role: ProjectRole, readonly location: Location }
export type ContainerRow = typeof containerInstances.$inferSelect

/** What a new project's directory is to hold: files, or what is in a repository. */
export interface FirstContent {
  readonly files: readonly PlannedFile[]
  readonly repository: Repository | undefined
  /** Whatever else it begins with, in the transaction that makes it. */
  readonly fill: ((transaction: Querying, projectId: string) => Promise<void>) | undefined
}

export interface NewProject {
  /** Of one whose volume is there already, with the user whom its files belong to. */
  readonly id?: string
  readonly uid?: number
  readonly userId: string
  readonly name: string
  readonly runtime: string
  readonly network?: ProjectRow['network']
  readonly memoryBytes?: number | null
  readonly cpus?: number | null
}

export interface ProjectFilter {
  readonly owner?: string | undefined
  readonly status?: ProjectRow['status'] | undefined
}

export type ProjectRepo = ReturnType<typeof createProjectRepo>

/** The projects that people see: those being deleted are gone for them. */
export function createProjectRepo (db: Database) {
  const visible = (id: string | Placeholder) => and(eq(projects.id, id), isNull(projects.deletedAt))

  // Asked by every request about a project: made once.
  const asked = visible(sql.placeholder('id'))
  const location = db.select({ project: projects, containerId: containerInstances.containerId, followerId: containerInstances.followerId, role: roleIn(sql.placeholder('userId')) })
    .from(projects)
    .leftJoin(containerInstances, runningContainer)
    .where(asked)
    .prepare('project_location')
  const isKeptAwake = exists(db.select().from(projectServices).where(and(eq(projectServices.projectId, projects.id), projectServices.keepsAwake)))
  const newestContainer = db.select({ project: projects, container: containerInstances, isKeptAwake: sql<boolean>`${isKeptAwake}` })
    .from(projects)
    .leftJoin(containerInstances, eq(containerInstances.projectId, projects.id))
    .where(asked)
    .prepare('project_container')

  async function countOf (querying: Querying, owner: string): Promise<number> {
    const [row] = await querying.select({ projects: count() }).from(projects).where(and(eq(projects.userId, owner), isNull(projects.deletedAt)))
    return row?.projects ?? 0
  }

  return {
    runtimeOf: async (id: string): Promise<string | undefined> =>
      (await db.select({ runtime: projects.runtime }).from(projects).where(eq(projects.id, id)))[0]?.runtime,

    /** Also of those that are being deleted. */
    idsOf: async (owner: string): Promise<string[]> =>
      (await db.select({ id: projects.id }).from(projects).where(eq(projects.userId, owner))).map(({ id }) => id),

    /** How many the owner has, and may have; null for what the server gives everybody. */
    countOf: async (owner: string): Promise<{ count: number, most: number | null }> => {
      const [user] = await db.select({ most: users.projectsMost }).from(users).where(eq(users.id, owner))
      return { count: await countOf(db, owner), most: user?.most ?? null }
    },

    /** The most that there may be, when the owner has as many already: `quota`, if no other number was set for them. */
    insert: async (project: NewProject, { files, repository, fill }: FirstContent, quota: number): Promise<ProjectRow | number> => {
      return await db.transaction(async (transaction) => {
        // One at a time for each user, or two would both find the last place free.
        const [user] = await transaction.select({ most: users.projectsMost }).from(users).where(eq(users.id, project.userId)).for('update')
        const most = user?.most ?? quota
        if (await countOf(transaction, project.userId) >= most) return most
        const [row] = await transaction.insert(projects).values(project).returning()
        if (row === undefined) throw new Error('an inserted project was not returned')
        if (files.length > 0) {
          await transaction.insert(projectFiles).values(files.map(({ path, content }, position) => ({ projectId: row.id, position, path, content })))
        }
        if (repository !== undefined) await transaction.insert(projectClones).values({ projectId: row.id, ...repository })
        await fill?.(transaction, row.id)
        return row
      })
    },

    find: async (userId: string, id: string): Promise<(ListedProject & { readonly location: Location }) | undefined> => {
      const [row] = await location.execute({ userId, id })
      return row === undefined ? undefined : { ...row.project, role: row.role, location: locationOf(row.project, row.containerId, row.followerId) }
    },

    /** Of those among the projects that are from a repository. */
    sourcesOf: async (projectIds: readonly string[]): Promise<Map<string, Source>> => {
      if (projectIds.length === 0) return new Map()
      const { projectId, url, ref, status, commit, error } = projectClones
      const rows = await db.select({ projectId, url, ref, status, commit, error }).from(projectClones).where(inArray(projectId, [...projectIds]))
      return new Map(rows.map(({ projectId, ...source }) => [projectId, source]))
    },

    /** With its newest container, if it ever had one, and whether a service keeps it awake. */
    findWithContainer: async (id: string): Promise<{ project: ProjectRow, container: ContainerRow | null, isKeptAwake: boolean } | undefined> => {
      const [row] = await newestContainer.execute({ id })
      return row
    },

    /** Somebody's own, and those that they are a member of; the newest first. */
    list: async (userId: string, limit: number, after: Cursor | undefined): Promise<ListedProject[]> => {
      // Two lists, each by its index: one condition of both would look through the projects of everybody.
      const own = db.select({ id: projects.id }).from(projects).where(eq(projects.userId, userId))
      const shared = db.select({ id: projectMembers.projectId }).from(projectMembers).where(eq(projectMembers.userId, userId))
      const rows = await db.select({ project: projects, role: roleIn(userId) }).from(projects)
        .where(pageAfter(projects, after, sql`${inArray(projects.id, own.unionAll(shared))} and ${projects.deletedAt} is null`))
        .orderBy(...newestFirst(projects))
        .limit(limit)
      return rows.map(({ project, role }) => ({ ...project, role }))
    },

    /** Everybody's, the newest first, with their owners' emails. */
    listAll: async ({ owner, status }: ProjectFilter, limit: number, after: Cursor | undefined): Promise<Array<ProjectRow & { owner: { id: string, email: string | null } }>> => {
      const condition = and(isNull(projects.deletedAt), owner === undefined ? undefined : eq(projects.userId, owner), status === undefined ? undefined : eq(projects.status, status)) ?? sql`true`
      const rows = await db.select({ project: projects, owner: { id: users.id, email: users.email } }).from(projects)
        .innerJoin(users, eq(users.id, projects.userId))
        .where(pageAfter(projects, after, condition))
        .orderBy(...newestFirst(projects))
        .limit(limit)
      return rows.map(({ project, owner: person }) => ({ ...project, owner: person }))
    },

    ownerOf: async (id: string): Promise<string | undefined> => {
      const [row] = await db.select({ owner: projects.userId }).from(projects).where(and(eq(projects.id, id), isNull(projects.deletedAt)))
      return row?.owner
    },

    update: async (id: string, changes: { name?: string, previews?: ProjectRow['previews'], network?: ProjectRow['network'], memoryBytes?: number, cpus?: number }): Promise<ProjectRow | undefined> => {
      const [row] = await db.update(projects).set({ ...changes, updatedAt: sql`now()` }).where(visible(id)).returning()
      return row
    }
  }
}
