import type { FastifyInstance } from 'fastify'
import type { Config } from '../../../config.ts'
import { openStorage } from '../../../storage/open.ts'
import { createSnapshotRepo, type SnapshotRepo } from '../../transfer/snapshots/repo.ts'
import { restoreNewest } from '../../transfer/snapshots/restore-newest.ts'
import { createSnapshotStore, type SnapshotStore } from '../../transfer/snapshots/store.ts'
import { createChanging, type Changing } from './change-marks.ts'
import { createExclusively } from './exclusive.ts'
import { createVolumeRepo } from './repo.ts'
import type { OnVolumeStep } from './steps.ts'
import { createVolumes, type Volumes } from './volumes.ts'

export interface OpenVolumes {
  readonly volumes: Volumes
  readonly changing: Changing
  readonly snapshots: SnapshotRepo
  readonly store: SnapshotStore
}

/** Projects' volumes, and the snapshots from which they are made again. */
export async function openVolumes (app: FastifyInstance, { config, instanceId, leaseMs, onStep }: {
  config: Pick<Config, 'dataDir' | 'snapshots'>
  instanceId: string
  leaseMs: number
  onStep: OnVolumeStep
}): Promise<OpenVolumes> {
  const { db, docker, log } = app
  const storage = await openStorage({ s3: config.snapshots.s3, dataDir: config.dataDir })
  const store = createSnapshotStore({ storage, instanceId })
  const repo = createVolumeRepo(db)
  const snapshots = createSnapshotRepo(db)
  const volumes: Volumes = createVolumes({
    docker,
    repo,
    instanceId,
    binding: app.engineBinding,
    exclusively: createExclusively(repo, leaseMs),
    restoreNewest: async (agent, lease) => await restoreNewest({
      repo: snapshots,
      store,
      change: async (change) => await volumes.change(change),
      onDamaged: (snapshotId) => log.error({ projectId: lease.subject.projectId, snapshotId }, 'a snapshot is damaged; an older one is taken')
    }, agent, lease),
    onRecovered (projectId, isRestored) {
      log.warn({ projectId, isRestored }, isRestored ? 'a lost volume was restored from a snapshot' : 'a volume was lost, and there was no snapshot of it')
      app.audit({ action: 'project.recover', userId: null, subject: projectId, details: { isRestored } })
    },
    onStuck: (projectId, err) => log.error({ projectId, err }, 'a change of many files that a crash had interrupted could not be carried out'),
    onStep
  })
  const changing = createChanging({
    record: repo.markChanged,
    onError: (err, projectId) => log.warn({ err, projectId }, 'changed files may come into a snapshot only with the next change')
  })
  app.addHook('onClose', async () => storage.close())
  return { volumes, changing, snapshots, store }
}
