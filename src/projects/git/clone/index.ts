import type { FastifyInstance } from 'fastify'
import { createLeases } from '../../../leases/lease.ts'
import type { ProjectsCore } from '../../contract.ts'
import { createCloneRepo, type ClonedProject } from './repo.ts'
import { createClones, type Clones } from './service.ts'

/** Gets the repositories that new projects are from, inside their sandboxes. */
export function registerClones (app: FastifyInstance, { config: { projects: settings }, leaseMs, start, hold, stoppingSignal, workspace, viewers }: ProjectsCore): Clones {
  const { db, docker, log } = app
  const repo = createCloneRepo(db)
  const clones = createClones({
    docker,
    repo,
    leases: createLeases<object, ClonedProject>(repo, leaseMs),
    limits: { timeoutMs: settings.cloneTimeoutMs, sizeBytes: settings.sizeBytes },
    roundMs: leaseMs,
    start,
    hold,
    stoppingSignal,
    withAgent: workspace.withAgent,
    announce: (projectId, progress) => viewers.announce(projectId, { type: 'progress', operation: 'clone', ...progress }),
    log
  })
  app.addHook('onListen', async () => clones.start())
  return clones
}
