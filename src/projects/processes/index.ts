import type { FastifyInstance } from 'fastify'
import { createLoop } from '../../lib/loop.ts'
import { openInitAgent } from '../../sandbox/project-agent.ts'
import { createSharedAgents } from '../../sandbox/shared-agents.ts'
import type { ProjectsCore } from '../contract.ts'
import { createProcessFollower } from './events/follower.ts'
import { createFollowersRepo } from './events/repo.ts'
import { processRoute, processRoutes } from './routes.ts'
import { createInits } from './inits.ts'
import { createProcessService, type ProcessService } from './service.ts'
import { createServiceBook, createServiceStarter } from './services.ts'
import { createServicesRepo } from './services-repo.ts'
import { createProcessSockets, type ProcessSockets } from './sockets/sockets.ts'

// It takes 40 ms to connect again.
const IDLE_MS = 5 * 60_000
const DEATHS_MS = 1_000

export interface Processes {
  readonly service: ProcessService
  readonly sockets: ProcessSockets
  /** Has PID 1 of a container that has just been started connected with, for whoever starts something in it next. */
  readonly connect: (containerId: string) => void
  /** Of a project that has just been started. */
  readonly startServices: (projectId: string) => Promise<void>
  readonly close: () => Promise<void>
}

/** Processes in projects, which belong to no connection, and services, which start with the project. */
export async function registerProcesses (app: FastifyInstance, { projectOf, roles, service, inRunning, touch, stoppingSignal, agents, variables }: ProjectsCore): Promise<Processes> {
  const { db, docker, log, auth, websockets, liveness } = app
  const repo = createServicesRepo(db)
  const connections = createSharedAgents({ idleMs: IDLE_MS, open: async (containerId) => await openInitAgent(docker, containerId) })
  const follower = createProcessFollower({ inits: connections, repo: createFollowersRepo(db), liveness, log })
  const deaths = createLoop({ intervalMs: DEATHS_MS, work: follower.sweep, onError: (err) => log.warn({ err }, 'projects whose server has died could not be followed') })
  const inits = createInits({ agents: connections, inRunning, stoppingSignal, follow: follower.ensure })
  const processes = createProcessService({ inits, agents, services: createServiceBook(repo), variablesOf: variables.of, touch })
  const { startServices, startAllServices } = createServiceStarter({ repo, startAs: processes.startAs, log })
  const sockets = createProcessSockets({
    processes, auth, projectOf, roles, touch, stoppingSignal, ensureExists: async (projectId) => { await service.ownerOf(projectId) }
  })
  const underWay = new Set<Promise<void>>()

  async function followed (work: Promise<void>): Promise<void> {
    const following = work.catch((err: unknown) => log.warn({ err }, 'services could not be started')).finally(() => underWay.delete(following))
    underWay.add(following)
    await following
  }

  websockets.onShutdown(sockets.closeAll)
  await app.register(processRoute, { processes, sockets, auth, projectOf, roles })
  await app.register(async (scope) => {
    scope.addHook('onRequest', scope.authenticate)
    await scope.register(processRoutes, { processes, sockets, auth, projectOf, roles })
  })
  app.addHook('onListen', async () => {
    deaths.start()
    void followed(startAllServices())
  })
  return {
    service: processes,
    sockets,
    connect (containerId) {
      // Whoever needs it learns what is wrong.
      connections.use(containerId, async () => undefined).catch(() => undefined)
    },
    startServices: async (projectId) => await followed(startServices(projectId)),
    async close () {
      await deaths.stop()
      connections.close()
      await Promise.all([follower.close(), ...underWay])
    }
  }
}
