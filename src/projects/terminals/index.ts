import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Projects } from '../index.ts'
import { TERM_RAW, TERM_V1 } from './protocol.ts'
import { terminalRoutes } from './routes.ts'
import { createTerminalService, type TerminalSettings } from './service.ts'
import { socketRoute } from './socket-route.ts'

/** Terminals: shells in projects' containers, through WebSockets. Returns how to end them all. */
export async function registerTerminals (app: FastifyInstance, { projects, settings }: { projects: Projects, settings: TerminalSettings }): Promise<{ close: () => Promise<void> }> {
  const { docker, log, auth, websockets } = app
  const { find, start, touch, stoppingSignal } = projects
  const serverId = randomUUID()
  const terminals = createTerminalService({ docker, settings, serverId, find, start, touch, stoppingSignal, log })

  websockets.addSubprotocol(TERM_V1)
  websockets.addSubprotocol(TERM_RAW)
  websockets.onShutdown(terminals.sayGoodbye)
  await app.register(socketRoute, { terminals, auth, find })
  await app.register(async (scope) => {
    scope.addHook('onRequest', scope.authenticate)
    await scope.register(terminalRoutes, { terminals, find })
  })
  return { close: terminals.close }
}
