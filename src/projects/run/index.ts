import type { FastifyInstance } from 'fastify'
import type { Catalogue } from '../../sandbox/images/catalogue.ts'
import type { ProjectsCore } from '../contract.ts'
import type { ProcessService } from '../processes/service.ts'
import { readBerthJson } from './berth-json.ts'
import { runRoutes } from './routes.ts'
import { createRunService } from './service.ts'

export interface Run {
  /** What the berth.json of a running project says; undefined where it says nothing of it, or cannot be read. */
  readonly previewPortOf: (projectId: string) => Promise<number | undefined>
  /** Of a project that has just been started: those that its berth.json names. */
  readonly startServices: (projectId: string) => Promise<void>
}

/** Running a file, or the project, by its berth.json or its language. */
export async function registerRun (app: FastifyInstance, { config, projectOf, workspace }: ProjectsCore, { catalogue, processes, runtimeOf, previewUrlOf }: {
  catalogue: Catalogue
  processes: ProcessService
  runtimeOf: (projectId: string) => Promise<string | undefined>
  previewUrlOf: (address: { projectId: string, port: number }) => string
}): Promise<Run> {
  const run = createRunService({
    catalogue,
    workspace,
    processes,
    memoryBytes: config.projects.memoryBytes,
    runtimeOf,
    previewOf: (projectId, port = config.sandbox.previewPort) => ({ port, url: previewUrlOf({ projectId, port }) })
  })
  await app.register(async (scope) => {
    scope.addHook('onRequest', scope.authenticate)
    await scope.register(runRoutes, { projectOf, run })
  })
  return {
    // Whoever wants to know how a project is doing is not told what is wrong with its berth.json: who runs it is.
    previewPortOf: async (projectId) => (await workspace.withAgent(projectId, readBerthJson).catch(() => undefined))?.preview,
    startServices: async (projectId) => {
      await run.startServices(projectId).catch((err: unknown) => app.log.info({ err, projectId }, 'services of a berth.json could not be started'))
    }
  }
}
