import type { FastifyInstance } from 'fastify'
import type { Config } from '../../../config.ts'
import { archiveRoutes } from '../archives/routes.ts'
import { createArchiveService } from '../archives/service.ts'
import { createSpools } from '../spools.ts'
import type { Files } from '../../files/index.ts'
import type { Projects } from '../../index.ts'
import type { ProjectService } from '../../core/service.ts'
import { MARK_EVERY_MS } from '../../lifecycle/volumes/change-marks.ts'
import type { OpenVolumes } from '../../lifecycle/volumes/index.ts'
import type { OnVolumeStep } from '../../lifecycle/volumes/steps.ts'
import { createAutomaticSnapshots } from './automatic.ts'
import { createFork } from './fork.ts'
import { snapshotRoutes } from './routes.ts'
import { createSnapshotService } from './service.ts'
import { createSnapshotSweep } from './sweep.ts'

export interface SnapshotsOptions extends Omit<OpenVolumes, 'changing'> {
  readonly projects: Projects
  readonly service: ProjectService
  readonly files: Files
  readonly config: Pick<Config, 'projects' | 'snapshots' | 'spool'>
  readonly onStep: OnVolumeStep
}

export interface Snapshots {
  /** Objects of a project that has been deleted are to go. */
  readonly sweepSoon: () => void
  readonly close: () => Promise<void>
}

/** A burst of changes is for one snapshot. The newest may be younger than its mark by as long as that is relied on. */
const QUIET_MS = MARK_EVERY_MS + 3_000
/** After the first fill, or a start, most of what a project begins with is there. */
const FIRST_MS = 30_000
/** After a failure, such as of the storage: each attempt costs a sandbox. */
const RETRY_MS = 60_000

/** What is done with all files of a project at once: archives in and out, snapshots, forks. */
export async function registerSnapshots (app: FastifyInstance, options: SnapshotsOptions): Promise<Snapshots> {
  const { projects: { find, hold }, service, files: { place, quota }, config, volumes, store, onStep } = options
  const { log } = app
  const sweep = createSnapshotSweep({ repo: options.snapshots, removeObject: store.remove, log })
  const sweepSoon = (): void => {
    sweep.sweep().catch((err: unknown) => log.warn({ err }, 'objects of deleted snapshots could not be removed; tried again later'))
  }
  const snapshots = createSnapshotService({
    repo: options.snapshots, store, volumes, place, settings: { ...config.snapshots, projectBytes: config.projects.sizeBytes }, onStep, onDiscarded: sweepSoon, onSizeChanged: quota.outdate
  })
  const spools = createSpools({ ...config.spool, ensureDiskRoom: async () => await app.disk.check() })
  await spools.sweep()
  const archives = createArchiveService({ place, volumes, quota, fileLimitBytes: config.projects.fileLimitBytes, spools })
  const { everyMs } = config.snapshots
  const ages = { quietMs: QUIET_MS, firstMs: Math.min(FIRST_MS, everyMs), everyMs, retryMs: Math.max(RETRY_MS, everyMs) }
  const automatic = createAutomaticSnapshots({
    listDue: async () => await options.snapshots.listDue(ages),
    take: async (due, signal) => {
      await app.disk.check()
      await snapshots.takeDue(due, signal)
    },
    log
  })

  await app.register(async (scope) => {
    scope.addHook('onRequest', scope.authenticate)
    await scope.register(archiveRoutes, { find, archives, hold })
    await scope.register(snapshotRoutes, { find, snapshots, fork: createFork({ projects: service, snapshots }), hold })
  })
  app.addHook('onListen', async () => {
    sweep.start()
    if (config.snapshots.isAutomatic) automatic.start()
  })

  return {
    sweepSoon,
    async close () {
      await automatic.stop()
      await sweep.stop()
    }
  }
}
