import type { FastifyInstance } from 'fastify'
import { TERM_RAW, TERM_V1 } from '../../protocols/terminal.ts'
import type { ProjectsCore } from '../contract.ts'
import { createLocate } from '../core/location.ts'
import type { Processes } from '../processes/index.ts'
import { createTerminalsRepo } from './repo.ts'
import { terminalRoute, terminalRoutes } from './routes.ts'
import { createTerminalService, type TerminalService } from './service.ts'

/** Terminals: shells in projects' containers, through WebSockets. */
export async function registerTerminals (app: FastifyInstance, { config, projectOf, touch }: ProjectsCore, { service: processes, sockets }: Processes): Promise<Pick<TerminalService, 'isBusy'>> {
  const { db, log, auth, websockets } = app
  const locate = createLocate(db)
  const terminals = createTerminalService({
    processes,
    findContainer: async (projectId) => (await locate(projectId))?.containerId,
    repo: createTerminalsRepo(db),
    settings: config.terminals,
    touch,
    log
  })

  websockets.addSubprotocol(TERM_V1)
  websockets.addSubprotocol(TERM_RAW)
  await app.register(terminalRoute, { terminals, sockets, auth, projectOf })
  await app.register(async (scope) => {
    scope.addHook('onRequest', scope.authenticate)
    await scope.register(terminalRoutes, { terminals, projectOf })
  })
  return terminals
}
