import type { FastifyInstance } from 'fastify'
import type { ProjectsCore } from '../contract.ts'
import { execRoutes } from './routes.ts'
import { createExecService, type ExecService } from './service.ts'

/** Commands in projects' containers, each run to its end. */
export async function registerExec (app: FastifyInstance, { config, projectOf, inRunning, hold, stoppingSignal, variables }: ProjectsCore): Promise<ExecService> {
  const limits = { timeoutMaxMs: config.projects.execTimeoutMaxMs, outputBytes: config.execution.outputBytes }
  const exec = createExecService({ docker: app.docker, limits, inRunning, hold, stoppingSignal, variablesOf: variables.of })
  await app.register(async (scope) => {
    scope.addHook('onRequest', scope.authenticate)
    await scope.register(execRoutes, { projectOf, exec })
  })
  return exec
}
