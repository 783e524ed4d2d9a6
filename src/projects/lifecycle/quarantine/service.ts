import type { DockerClient } from '../../../docker/index.ts'
import { errors } from '../../../errors.ts'
import { isUuid } from '../../../lib/uuid.ts'
import type { HelperSpec } from '../../../sandbox/container-spec.ts'
import { findWorkspaceUid, removeWorkspace, workspaceExists } from '../../../sandbox/workspace.ts'
import type { ProjectRuntimes } from '../../core/runtimes.ts'
import type { ProjectService } from '../../core/service.ts'
import type { QuarantinedVolume, QuarantineRepo } from './repo.ts'
import type { RestoreVolume } from './schemas.ts'

export interface QuarantineOptions {
  readonly docker: DockerClient
  readonly instanceId: string
  readonly repo: QuarantineRepo
  readonly runtimes: Pick<ProjectRuntimes, 'find' | 'names'>
  readonly projects: Pick<ProjectService, 'createFilled'>
  readonly specOf: (project: { projectId: string, owner: string, uid: number }) => Promise<HelperSpec>
}

export type QuarantineService = ReturnType<typeof createQuarantineService>

/** Below are the users of hosts and images, whom no project has. */
const LEAST_UID = 1_000
const NOBODY = 65_534

/** Volumes that the database knows no project of, for administrators: they are removed after a while, unless somebody wants them. */
export function createQuarantineService ({ docker, instanceId, repo, runtimes, projects, specOf }: QuarantineOptions) {
  async function take (project: string): Promise<QuarantinedVolume> {
    const volume = await repo.take(project)
    if (volume === undefined || !await workspaceExists(docker, { projectId: project, instanceId })) throw new errors.VOLUME_NOT_FOUND()
    return volume
  }

  return {
    list: repo.list,

    remove: async (project: string): Promise<void> => {
      await take(project)
      await removeWorkspace(docker, { projectId: project, instanceId })
      await repo.delete(project)
    },

    /** A project of the same id, for the user that its files belong to. */
    restore: async (project: string, { name, runtime, owner }: RestoreVolume & { readonly owner: string }): Promise<void> => {
      const known = runtimes.find(runtime)
      if (known === undefined) throw new errors.UNKNOWN_LANGUAGE(runtime, runtimes.names.join(', '))
      if (!await repo.hasUser(owner)) throw new errors.USER_NOT_FOUND()
      await take(project)
      if (!isUuid(project)) throw new errors.VOLUME_NOT_RESTORABLE('what its label says is no id of a project')
      const uid = await findWorkspaceUid(docker, await specOf({ projectId: project, owner, uid: NOBODY }))
      if (uid < LEAST_UID) throw new errors.VOLUME_NOT_RESTORABLE(`its files belong to user ${uid}, whom no project has`)
      await projects.createFilled({ id: project, uid, userId: owner, name, runtime: known.name }, async (transaction) => await repo.release(transaction, project))
    }
  }
}
