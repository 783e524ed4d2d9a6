import type { FastifyInstance } from 'fastify'
import type { Catalogue } from '../../sandbox/images/catalogue.ts'
import type { ProjectsCore } from '../contract.ts'
import type { ProcessService } from '../processes/service.ts'
import { runRoutes } from './routes.ts'
import { createRunService } from './service.ts'

export interface Run {
  /** Of a project that has just been started: those that its berth.json names. */
  readonly startServices: (projectId: string) => Promise<void>
}

/** Running a file, or the project, by its berth.json or its language. */
export async function registerRun (app: FastifyInstance, { config, projectOf, workspace }: ProjectsCore, { catalogue, processes }: { catalogue: Catalogue, processes: ProcessService }): Promise<Run> {
  const run = createRunService({ catalogue, workspace, processes, memoryBytes: config.projects.memoryBytes })
  await app.register(async (scope) => {
    scope.addHook('onRequest', scope.authenticate)
    await scope.register(runRoutes, { projectOf, run })
  })
  return {
    startServices: async (projectId) => {
      await run.startServices(projectId).catch((err: unknown) => app.log.info({ err, projectId }, 'services of a berth.json could not be started'))
    }
  }
}
