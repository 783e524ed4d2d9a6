import type { Querying } from '../../db/open.ts'
import { toPage } from '../../db/page.ts'
import { isDockerError } from '../../docker/index.ts'
import { errors } from '../../errors.ts'
import { readCursor } from '../../http/cursor.ts'
import { isUuid } from '../../lib/uuid.ts'
import { planFiles } from '../../programs/source-files.ts'
import type { Template } from './templates/load.ts'
import { checkRepository } from './source/check.ts'
import type { ProjectRuntime, ProjectRuntimes } from './runtimes.ts'
import { givenMemoryBytes } from './given-memory.ts'
import { presentProject, type Resources } from './present.ts'
import type { FirstContent, FoundProject, ListedProject, NewProject, ProjectFilter, ProjectRepo, ProjectRow } from './repo.ts'
import { checkRole, type Access, type ProjectRole } from './roles.ts'
import { findSharedSnapshot, shareSnapshot } from './share-snapshot.ts'
import type { CreateProject, OwnedProjectList, Project, ProjectList, UpdateProject } from './schemas.ts'

const DEFAULT_LIMIT = 50

export type ProjectService = ReturnType<typeof createProjectService>

/** Projects as rows; what they are as containers is lifecycle/. */
export function createProjectService ({ repo, runtimes, templates, hasNetwork, budgetBytes, settings }: {
  repo: ProjectRepo
  runtimes: ProjectRuntimes
  templates: readonly Template[]
  /** Whether projects of this server are connected to anything; nothing can be cloned else. */
  hasNetwork: () => Promise<boolean>
  /** Memory for all that run together. */
  budgetBytes: () => Promise<number>
  settings: Resources & { readonly isMemoryByLanguage: boolean, readonly memoryMaxBytes: number, readonly cpusMax: number, readonly quota: number, readonly filesBytes: number }
}) {
  /** For somebody who wants to do that with it. Throws PROJECT_NOT_FOUND for whoever has no part in it, VIEW_ONLY or OWNER_ONLY for whoever may less. */
  async function find (userId: string, id: string, access: Access): Promise<FoundProject> {
    const row = isUuid(id) ? await repo.find(userId, id) : undefined
    const role = row?.role ?? null
    checkRole(role, access)
    return { ...row as FoundProject, role }
  }

  function chosen ({ memory, cpus }: { memory?: number, cpus?: number }): Partial<Resources> {
    const { memoryMaxBytes, cpusMax } = settings
    if (memory !== undefined && memory > memoryMaxBytes) throw new errors.BAD_LIMIT('memory', `at most ${memoryMaxBytes} bytes`)
    if (cpus !== undefined && cpus > cpusMax) throw new errors.BAD_LIMIT('cpus', `at most ${cpusMax}`)
    return { ...(memory === undefined ? {} : { memoryBytes: memory }), ...(cpus === undefined ? {} : { cpus }) }
  }

  /** Of a project that has not chosen, where it is not what all have. */
  async function givenMemory ({ memoryBytes }: ProjectRuntime): Promise<Pick<Partial<Resources>, 'memoryBytes'>> {
    if (!settings.isMemoryByLanguage || memoryBytes === undefined) return {}
    // A project can be made while the Engine is away, which is who knows the budget.
    const budget = await budgetBytes().catch((error: unknown) => {
      if (!isDockerError(error)) throw error
    })
    return budget === undefined ? {} : { memoryBytes: givenMemoryBytes(memoryBytes, { ...settings, budgetBytes: budget }) }
  }

  /** What its template says of the project. */
  function withTemplate ({ template: id, runtime, ...body }: CreateProject): Omit<CreateProject, 'template' | 'runtime'> & { runtime: string } {
    if (id === undefined) {
      if (runtime === undefined) throw new errors.BAD_REQUEST('Name the "runtime" of the project, or a "template"')
      return { ...body, runtime }
    }
    const template = templates.find((known) => known.id === id)
    if (template === undefined) throw new errors.UNKNOWN_TEMPLATE(JSON.stringify(id), templates.map((known) => known.id).join(', '))
    if (body.files !== undefined || body.fromGit !== undefined || body.fromSnapshot !== undefined) {
      throw new errors.BAD_REQUEST('A project is made of "files", "fromGit", "fromSnapshot" or a "template", not of several')
    }
    return { ...body, runtime: runtime ?? template.runtime, ...(template.fromGit === undefined ? { files: [...template.files] } : { fromGit: template.fromGit }) }
  }

  async function present (rows: readonly ProjectRow[]): Promise<Array<Omit<Project, 'role'>>> {
    const sources = await repo.sourcesOf(rows.map(({ id }) => id))
    return rows.map((row) => presentProject(row, sources.get(row.id), settings))
  }

  async function presentListed (rows: readonly ListedProject[]): Promise<Project[]> {
    const shown = await present(rows)
    return rows.flatMap(({ role }, index) => role === null ? [] : [{ ...shown[index] as Project, role }])
  }

  async function presentOne (row: ProjectRow, role: ProjectRole): Promise<Project> {
    const [shown] = await present([row])
    return { ...shown as Project, role }
  }

  async function insert (project: NewProject, content: FirstContent): Promise<ProjectRow> {
    const row = await repo.insert(project, content, settings.quota)
    if (typeof row === 'number') throw new errors.PROJECT_QUOTA(row)
    return row
  }

  return {
    find,

    /** One that begins with what is put into it in the same transaction. */
    createFilled: async (project: NewProject, fill: NonNullable<FirstContent['fill']>): Promise<void> => {
      await insert(project, { files: [], repository: undefined, fill })
    },

    ownerOf: async (id: string): Promise<string> => {
      const owner = await repo.ownerOf(id)
      if (owner === undefined) throw new errors.PROJECT_NOT_FOUND()
      return owner
    },

    /** Throws PROJECT_QUOTA where `create` would. */
    checkQuota: async (owner: string): Promise<void> => {
      const { count, most } = await repo.countOf(owner)
      if (count >= (most ?? settings.quota)) throw new errors.PROJECT_QUOTA(most ?? settings.quota)
    },

    create: async (owner: string, body: CreateProject): Promise<Project> => {
      const { name, runtime, files, fromGit, fromSnapshot, network, ...resources } = withTemplate(body)
      const known = runtimes.find(runtime)
      if (known === undefined) throw new errors.UNKNOWN_LANGUAGE(runtime, runtimes.names.join(', '))
      if ([files, fromGit, fromSnapshot].filter((source) => source !== undefined).length > 1) {
        throw new errors.BAD_REQUEST('A project is made of "files", "fromGit", "fromSnapshot" or a "template", not of several')
      }
      const content = {
        files: planFiles(files ?? [], settings.filesBytes),
        repository: fromGit === undefined ? undefined : checkRepository(fromGit, network !== 'none' && await hasNetwork()),
        fill: fromSnapshot === undefined
          ? undefined
          : async (transaction: Querying, projectId: string) => await shareSnapshot(transaction, (await findSharedSnapshot(transaction, owner, fromSnapshot)).snapshot, { projectId })
      }
      return await presentOne(await insert({ userId: owner, name, runtime: known.name, ...(resources.memory === undefined ? await givenMemory(known) : {}), ...chosen(resources), ...(network === undefined ? {} : { network }) }, content), 'owner')
    },

    show: async (project: FoundProject): Promise<Project> => await presentOne(project, project.role),

    list: async (userId: string, { limit = DEFAULT_LIMIT, cursor }: { limit?: number, cursor?: string }): Promise<ProjectList> => {
      const { rows, nextCursor } = toPage(await repo.list(userId, limit + 1, readCursor(cursor)), limit)
      return { projects: await presentListed(rows), nextCursor }
    },

    /** Everybody's. */
    listAll: async ({ limit = DEFAULT_LIMIT, cursor, ...filter }: { limit?: number, cursor?: string } & ProjectFilter): Promise<OwnedProjectList> => {
      const { rows, nextCursor } = toPage(await repo.listAll(filter, limit + 1, readCursor(cursor)), limit)
      const shown = await present(rows)
      return { projects: rows.map(({ owner }, index) => ({ ...shown[index] as Omit<Project, 'role'>, owner })), nextCursor }
    },

    update: async ({ id, role }: FoundProject, { name, previews, network, ...resources }: UpdateProject): Promise<Project> => {
      const changes = { ...chosen(resources), ...(name === undefined ? {} : { name }), ...(previews === undefined ? {} : { previews }), ...(network === undefined ? {} : { network }) }
      const row = await repo.update(id, changes)
      if (row === undefined) throw new errors.PROJECT_NOT_FOUND()
      return await presentOne(row, role)
    }
  }
}
