import type { FastifyInstance } from 'fastify'
import type { ProjectsCore } from '../contract.ts'
import { contentRoutes } from './http/content-routes.ts'
import { listRoute } from './http/list-route.ts'
import { treeRoutes } from './http/tree-routes.ts'
import { createFileService } from './service.ts'

/** Projects' files over HTTP and over a socket, whether the project runs or not. */
export async function registerFiles (app: FastifyInstance, { config, projectOf, roles, hold, workspace, viewers }: ProjectsCore): Promise<void> {
  const { auth } = app
  const files = createFileService({ workspace, quota: workspace.quota, fileLimit: config.projects.fileBytes, hold })
  await app.register(listRoute, { auth, projectOf, files, workspace, viewers, roles })
  await app.register(async (scope) => {
    scope.addHook('onRequest', scope.authenticate)
    await scope.register(treeRoutes, { projectOf, files })
    await scope.register(contentRoutes, { projectOf, files })
  })
}
