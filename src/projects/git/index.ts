import type { FastifyInstance } from 'fastify'
import type { Config } from '../../config.ts'
import type { FilePlace } from '../workspace/place.ts'
import type { Audience } from '../files/socket/audience.ts'
import type { Projects } from '../index.ts'
import { createLeases } from '../../leases/lease.ts'
import type { CloneRepo } from './repo.ts'
import { createClones, type Clones } from './service.ts'

export interface ClonesOptions {
  readonly projects: Projects
  readonly repo: CloneRepo
  /** How soon a dead server's clone is begun anew. */
  readonly leaseMs: number
  readonly settings: Config['projects']
  readonly useFiles: FilePlace['use']
  readonly announce: Audience['announce']
}

/** Gets the repositories that new projects are from, inside their sandboxes. */
export function registerClones (app: FastifyInstance, { projects, repo, leaseMs, settings, useFiles, announce }: ClonesOptions): Clones {
  const { docker, log } = app
  const clones = createClones({
    docker,
    repo,
    leases: createLeases(repo, leaseMs),
    limits: { timeoutMs: settings.cloneTimeoutMs, sizeBytes: settings.sizeBytes },
    roundMs: leaseMs,
    start: projects.start,
    hold: projects.hold,
    stoppingSignal: projects.stoppingSignal,
    useFiles,
    announce: (projectId, progress) => announce(projectId, { type: 'progress', operation: 'clone', ...progress }),
    log
  })
  app.addHook('onListen', async () => clones.start())
  return clones
}
