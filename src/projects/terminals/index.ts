import type { FastifyInstance } from 'fastify'
import { createLoop } from '../../lib/loop.ts'
import { TERM_RAW, TERM_V1 } from '../../protocols/terminal.ts'
import { labels } from '../../sandbox/labels.ts'
import { endProjectTerminals, listProjectTerminals } from '../../sandbox/project-terminal.ts'
import type { ProjectsCore } from '../contract.ts'
import { createJobWatch } from './jobs.ts'
import { createOrphanSweep } from './orphans.ts'
import { terminalRoutes } from './routes.ts'
import { createTerminalService } from './service.ts'
import { socketRoute } from './socket-route.ts'

const ORPHANS_MS = 1_000
const JOBS_MOST_MS = 60_000

/** Terminals: shells in projects' containers, through WebSockets. Returns how to end them all. */
export async function registerTerminals (app: FastifyInstance, { config, instanceId, service, projectOf, roles, start, touch, stoppingSignal, variables }: ProjectsCore): Promise<{ close: () => Promise<void> }> {
  const { docker, log, auth, websockets, liveness } = app
  const idleMs = config.projects.idleTimeoutMs
  const terminals = createTerminalService({ docker, settings: config.terminals, serverId: liveness.serverId, ensureExists: async (projectId) => { await service.ownerOf(projectId) }, start, variablesOf: variables.of, touch, stoppingSignal, log })
  const listTerminals = async (containerId: string) => await listProjectTerminals(docker, containerId)

  const orphans = createLoop({
    intervalMs: ORPHANS_MS,
    onError: (err) => log.warn({ err }, 'orphaned terminals could not be listed'),
    work: createOrphanSweep({
      look: liveness.look,
      listTerminals,
      endTerminals: async (containerId, ids) => await endProjectTerminals(docker, containerId, ids),
      async listContainers () {
        const label = [`${labels.instance}=${instanceId}`, `${labels.kind}=project`]
        return (await docker.containers.list({ filters: { label } })).map(({ Id }) => Id)
      },
      log
    })
  })
  const jobs = createLoop({
    intervalMs: Math.min(JOBS_MOST_MS, idleMs / 4),
    onError: (err) => log.warn({ err }, 'jobs in terminals could not be listed'),
    work: createJobWatch({
      idleMs,
      byContainer: terminals.byContainer,
      listTerminals,
      touch,
      onError: (err, containerId) => log.info({ err, containerId }, 'jobs in terminals could not be listed')
    })
  })

  websockets.addSubprotocol(TERM_V1)
  websockets.addSubprotocol(TERM_RAW)
  websockets.onShutdown(terminals.closeAll)
  await app.register(socketRoute, { terminals, auth, projectOf, roles })
  await app.register(async (scope) => {
    scope.addHook('onRequest', scope.authenticate)
    await scope.register(terminalRoutes, { terminals, projectOf })
  })
  app.addHook('onListen', async () => {
    orphans.start()
    jobs.start()
  })
  return {
    async close () {
      await Promise.all([orphans.stop(), jobs.stop()])
      await terminals.close()
    }
  }
}
