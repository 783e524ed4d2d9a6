import type { FastifyInstance } from 'fastify'
import type { ProjectsCore } from '../contract.ts'
import type { Snapshots } from '../transfer/snapshots/index.ts'
import { classRoutes } from './class-routes.ts'
import { createClassWork } from './class-work.ts'
import { openRoute } from './open-route.ts'
import { assignmentRoutes } from './routes.ts'
import { createAssignmentService } from './service.ts'

/** Projects that teachers give out, each student a copy. */
export async function registerAssignments (app: FastifyInstance, { service, find, roles, workspace, hold }: ProjectsCore, { service: snapshots, sweepSoon }: Snapshots): Promise<void> {
  const assignments = createAssignmentService({ db: app.db, projects: service, roles, onDiscarded: sweepSoon })
  const work = createClassWork({ withAgent: workspace.withAgent, snapshots, hold })
  await app.register(async (scope) => {
    scope.addHook('onRequest', scope.authenticate)
    await scope.register(openRoute, { assignments, show: async (userId, projectId) => await service.show(await find(userId, projectId, 'view')) })
    await scope.register(classRoutes, { assignments, work })
    await scope.register(assignmentRoutes, {
      assignments,
      async snapshotOf (userId, projectId, signal) {
        const project = await find(userId, projectId, 'edit')
        const release = hold(project.id)
        return (await snapshots.ensureCurrent(project, signal).finally(release)).id
      }
    })
  })
}
