import type { FastifyInstance } from 'fastify'
import { createLoop } from '../../lib/loop.ts'
import { createVariableRepo } from './repo.ts'
import { variableRoutes, type VariableRoutesOptions } from './routes.ts'
import { createSeal } from '../../lib/seal.ts'
import { createVariableService, type VariableService } from './service.ts'

const RESEAL_MS = 3_600_000

/** The environment of projects, and their secrets. */
export async function openVariables (app: FastifyInstance, { projectOf, keys }: { projectOf: VariableRoutesOptions['projectOf'], keys: readonly string[] }): Promise<VariableService> {
  const { db, log } = app
  const variables = createVariableService({ repo: createVariableRepo(db), seal: createSeal(keys, 'berth: secrets of projects'), log })
  await app.register(async (scope) => {
    scope.addHook('onRequest', scope.authenticate)
    await scope.register(variableRoutes, { projectOf, variables })
  })
  const resealing = createLoop({
    intervalMs: RESEAL_MS,
    onError: (err) => log.warn({ err }, 'secrets could not be sealed with the present key'),
    work: async (signal) => await variables.reseal(signal)
  })
  app.addHook('onListen', async () => resealing.start())
  app.addHook('preClose', async () => await resealing.stop())
  return variables
}
