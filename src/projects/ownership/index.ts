import type { FastifyInstance } from 'fastify'
import type { ProjectsCore } from '../contract.ts'
import { adminOwnershipRoutes, ownershipRoutes } from './routes.ts'
import { createOwnershipService, type OwnershipOptions } from './service.ts'

/** Whose a project is, and how it becomes somebody else's. */
export async function registerOwnership (app: FastifyInstance, { config, projectOf, roles, service, find }: ProjectsCore, { snapshotRoomOf }: Pick<OwnershipOptions, 'snapshotRoomOf'>): Promise<void> {
  const ownership = createOwnershipService({ db: app.db, roles, quota: config.projects.quota, snapshotRoomOf })
  await app.register(async (scope) => {
    scope.addHook('onRequest', scope.authenticate)
    await scope.register(ownershipRoutes, { projectOf, ownership, show: async (userId, projectId) => await service.show(await find(userId, projectId, 'view')) })
    await scope.register(adminOwnershipRoutes, { ownership })
  })
}
