import type { FastifyInstance } from 'fastify'
import { createDirtyFlags, type WhileDirty } from './dirty-flags.ts'
import { createExclusively } from './exclusive.ts'
import { createVolumeRepo } from './repo.ts'
import type { OnVolumeStep } from './steps.ts'
import { createVolumes, type RestoreNewest, type Volumes } from './volumes.ts'

export interface OpenVolumes {
  readonly volumes: Volumes
  readonly whileDirty: WhileDirty
}

/** Projects' volumes, and what has to be in them. */
export function openVolumes (app: FastifyInstance, { instanceId, leaseMs, restoreNewest, onStep }: {
  instanceId: string
  leaseMs: number
  restoreNewest: RestoreNewest
  onStep: OnVolumeStep
}): OpenVolumes {
  const { db, docker, log } = app
  const repo = createVolumeRepo(db)
  const volumes = createVolumes({
    docker,
    repo,
    instanceId,
    binding: app.engineBinding,
    exclusively: createExclusively(repo, leaseMs),
    restoreNewest,
    onRecovered (projectId, isRestored) {
      log.warn({ projectId, isRestored }, isRestored ? 'a lost volume was restored from a snapshot' : 'a volume was lost, and there was no snapshot of it')
      app.audit({ action: 'project.recover', userId: null, subject: projectId, details: { isRestored } })
    },
    onStuck: (projectId, err) => log.error({ projectId, err }, 'a change of many files that a crash had interrupted could not be carried out'),
    onStep
  })
  const whileDirty = createDirtyFlags({
    record: repo.markChanged,
    onError: (err, projectId) => log.warn({ err, projectId }, 'changed files may come into a snapshot only with the next change')
  })
  return { volumes, whileDirty }
}
