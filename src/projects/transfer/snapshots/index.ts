import type { FastifyInstance } from 'fastify'
import type { Config } from '../../../config.ts'
import { openStorage } from '../../../storage/open.ts'
import type { ProjectsCore } from '../../contract.ts'
import { MARK_EVERY_MS } from '../../lifecycle/volumes/dirty-flags.ts'
import type { RestoreNewest } from '../../lifecycle/volumes/volumes.ts'
import { createAutomaticSnapshots } from './automatic.ts'
import { createFork } from './fork.ts'
import { createSnapshotRepo, type SnapshotRepo } from './repo.ts'
import { restoreNewest } from './restore-newest.ts'
import { snapshotRoutes } from './routes.ts'
import { createSnapshotService, type SnapshotService } from './service.ts'
import { createSnapshotStore, type SnapshotStore } from './store.ts'
import { createSnapshotSweep } from './sweep.ts'

export interface OpenSnapshots {
  readonly repo: SnapshotRepo
  readonly store: SnapshotStore
  readonly restoreNewest: RestoreNewest
}

export interface Snapshots {
  readonly service: SnapshotService
  /** Objects of a project that has been deleted are to go. */
  readonly sweepSoon: () => void
  readonly close: () => Promise<void>
}

/** A burst of changes is for one snapshot. The newest may be younger than its mark by as long as that is relied on. */
const QUIET_MS = MARK_EVERY_MS + 3_000
/** After the first fill, or a start, most of what a project begins with is there. */
const FIRST_MS = 30_000
/** After a failure, such as of the storage: each attempt costs a container. */
const RETRY_MS = 60_000

/** The snapshots that there are: volumes are made again from them. */
export async function openSnapshots (app: FastifyInstance, { config, instanceId }: { config: Pick<Config, 'dataDir' | 'snapshots'>, instanceId: string }): Promise<OpenSnapshots> {
  const { db, log } = app
  const storage = await openStorage({ s3: config.snapshots.s3, dataDir: config.dataDir })
  const store = createSnapshotStore({ storage, instanceId })
  const repo = createSnapshotRepo(db)
  app.addHook('onClose', async () => storage.close())
  return {
    repo,
    store,
    restoreNewest: async (agent, lease, change) => await restoreNewest({
      repo,
      store,
      change,
      onDamaged: (snapshotId) => log.error({ projectId: lease.subject.projectId, snapshotId }, 'a snapshot is damaged; an older one is taken')
    }, agent, lease)
  }
}

/** Snapshots that are asked for, those that are taken by themselves, and forks. */
export async function registerSnapshots (app: FastifyInstance, { config, projectOf, hold, service, workspace, volumes, onStep }: ProjectsCore, { repo, store }: OpenSnapshots): Promise<Snapshots> {
  const { log } = app
  const sweep = createSnapshotSweep({ repo, removeObject: store.remove, log })
  const sweepSoon = (): void => {
    sweep.sweep().catch((err: unknown) => log.warn({ err }, 'objects of deleted snapshots could not be removed; tried again later'))
  }
  const snapshots = createSnapshotService({
    repo,
    store,
    volumes,
    workspace,
    settings: { ...config.snapshots, projectBytes: config.projects.sizeBytes },
    onStep,
    onDiscarded: sweepSoon,
    onSizeChanged: workspace.quota.outdate
  })
  const { everyMs } = config.snapshots
  const ages = { quietMs: QUIET_MS, firstMs: Math.min(FIRST_MS, everyMs), everyMs, retryMs: Math.max(RETRY_MS, everyMs) }
  const automatic = createAutomaticSnapshots({
    listDue: async () => await repo.listDue(ages),
    take: async (due, signal) => {
      await app.disk.check()
      await snapshots.takeDue(due, signal)
    },
    log
  })

  await app.register(async (scope) => {
    scope.addHook('onRequest', scope.authenticate)
    await scope.register(snapshotRoutes, { projectOf, snapshots, fork: createFork({ projects: service, snapshots }), hold })
  })
  app.addHook('onListen', async () => {
    sweep.start()
    if (config.snapshots.isAutomatic) automatic.start()
  })

  return {
    service: snapshots,
    sweepSoon,
    async close () {
      await automatic.stop()
      await sweep.stop()
    }
  }
}
