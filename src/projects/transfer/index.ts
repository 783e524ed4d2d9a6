import type { FastifyInstance } from 'fastify'
import type { ProjectsCore } from '../contract.ts'
import { archiveRoutes } from './archives/routes.ts'
import { createArchiveService } from './archives/service.ts'
import { registerSnapshots, type OpenSnapshots, type Snapshots } from './snapshots/index.ts'
import { createSpools } from './spools.ts'

/** What is done with all files of a project at once: archives in and out, snapshots, forks. */
export async function registerTransfer (app: FastifyInstance, core: ProjectsCore, snapshots: OpenSnapshots): Promise<Snapshots> {
  const { config, projectOf, hold, workspace, volumes } = core
  const spools = createSpools({ ...config.spool, ensureDiskRoom: async () => await app.disk.check() })
  await spools.sweep()
  const archives = createArchiveService({ workspace, volumes, quota: workspace.quota, fileBytes: config.projects.fileBytes, spools })
  await app.register(async (scope) => {
    scope.addHook('onRequest', scope.authenticate)
    await scope.register(archiveRoutes, { projectOf, archives, hold })
  })
  return await registerSnapshots(app, core, snapshots)
}
