import type { FastifyInstance } from 'fastify'
import type { ProjectsCore } from '../contract.ts'
import { receivedRoutes } from './received-routes.ts'
import { memberRoutes } from './routes.ts'
import { createMemberService } from './service.ts'

/** Whom a project is shared with. */
export async function registerMembers (app: FastifyInstance, { projectOf, roles, service, find }: ProjectsCore): Promise<void> {
  const members = createMemberService({ db: app.db, roles })
  await app.register(async (scope) => {
    scope.addHook('onRequest', scope.authenticate)
    await scope.register(memberRoutes, { projectOf, members })
    await scope.register(receivedRoutes, { members, show: async (userId, projectId) => await service.show(await find(userId, projectId, 'view')) })
  })
}
