import { toPage } from '../../db/page.ts'
import { errors } from '../../errors.ts'
import { readCursor } from '../../http/cursor.ts'
import { isUuid } from '../../lib/uuid.ts'
import { planFiles } from '../../programs/source-files.ts'
import type { Template } from './templates/load.ts'
import { checkRepository } from './source/check.ts'
import type { ProjectRuntimes } from './runtimes.ts'
import { presentProject, type Resources } from './present.ts'
import type { FoundProject, ProjectFilter, ProjectRepo, ProjectRow } from './repo.ts'
import type { CreateProject, OwnedProjectList, Project, ProjectList, UpdateProject } from './schemas.ts'

const DEFAULT_LIMIT = 50

export type ProjectService = ReturnType<typeof createProjectService>

/** Projects as rows; what they are as containers is lifecycle/. Another user's project is as one that does not exist. */
export function createProjectService ({ repo, runtimes, templates, hasNetwork, settings }: {
  repo: ProjectRepo
  runtimes: ProjectRuntimes
  templates: readonly Template[]
  /** Whether projects of this server are connected to anything; nothing can be cloned else. */
  hasNetwork: () => Promise<boolean>
  settings: Resources & { readonly memoryMaxBytes: number, readonly cpusMax: number, readonly quota: number, readonly filesBytes: number }
}) {
  async function find (owner: string, id: string): Promise<FoundProject> {
    const row = isUuid(id) ? await repo.find(owner, id) : undefined
    if (row === undefined) throw new errors.PROJECT_NOT_FOUND()
    return row
  }

  function chosen ({ memory, cpus }: { memory?: number, cpus?: number }): Partial<Resources> {
    const { memoryMaxBytes, cpusMax } = settings
    if (memory !== undefined && memory > memoryMaxBytes) throw new errors.BAD_LIMIT('memory', `at most ${memoryMaxBytes} bytes`)
    if (cpus !== undefined && cpus > cpusMax) throw new errors.BAD_LIMIT('cpus', `at most ${cpusMax}`)
    return { ...(memory === undefined ? {} : { memoryBytes: memory }), ...(cpus === undefined ? {} : { cpus }) }
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

  async function present (rows: readonly ProjectRow[]): Promise<Project[]> {
    const sources = await repo.sourcesOf(rows.map(({ id }) => id))
    return rows.map((row) => presentProject(row, sources.get(row.id), settings))
  }

  async function presentOne (row: ProjectRow): Promise<Project> {
    const sources = await repo.sourcesOf([row.id])
    return presentProject(row, sources.get(row.id), settings)
  }

  return {
    find,

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
        snapshotId: fromSnapshot
      }
      const row = await repo.insert({ userId: owner, name, runtime: known.name, ...chosen(resources), ...(network === undefined ? {} : { network }) }, content, settings.quota)
      if (typeof row === 'number') throw new errors.PROJECT_QUOTA(row)
      return await presentOne(row)
    },

    get: async (owner: string, id: string): Promise<Project> => {
      return await presentOne(await find(owner, id))
    },

    list: async (owner: string, { limit = DEFAULT_LIMIT, cursor }: { limit?: number, cursor?: string }): Promise<ProjectList> => {
      const { rows, nextCursor } = toPage(await repo.list(owner, limit + 1, readCursor(cursor)), limit)
      return { projects: await present(rows), nextCursor }
    },

    /** Everybody's. */
    listAll: async ({ limit = DEFAULT_LIMIT, cursor, ...filter }: { limit?: number, cursor?: string } & ProjectFilter): Promise<OwnedProjectList> => {
      const { rows, nextCursor } = toPage(await repo.listAll(filter, limit + 1, readCursor(cursor)), limit)
      const shown = await present(rows)
      return { projects: rows.map(({ owner }, index) => ({ ...shown[index] as Project, owner })), nextCursor }
    },

    update: async (owner: string, id: string, { name, previews, network, ...resources }: UpdateProject): Promise<Project> => {
      const changes = { ...chosen(resources), ...(name === undefined ? {} : { name }), ...(previews === undefined ? {} : { previews }), ...(network === undefined ? {} : { network }) }
      const row = isUuid(id) ? await repo.update(owner, id, changes) : undefined
      if (row === undefined) throw new errors.PROJECT_NOT_FOUND()
      return await presentOne(row)
    }
  }
}
