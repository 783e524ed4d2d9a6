import type { Liveness } from '../../db/liveness.ts'
import type { DockerClient } from '../../docker/index.ts'
import { errors } from '../../errors.ts'
import { createLoop, type Loop } from '../../lib/loop.ts'
import type { AttachedSandbox } from '../../sandbox/attached-sandbox.ts'
import type { HelperSpec } from '../../sandbox/container-spec.ts'
import { startHelperContainer, sweepHelperContainers } from '../../sandbox/helper-container.ts'
import { removeIdleWorkspace } from '../../sandbox/workspace.ts'
import type { Locate, Location } from '../core/location.ts'
import type { Volumes } from '../lifecycle/volumes/volumes.ts'

export interface HelperStarterOptions {
  readonly docker: DockerClient
  readonly locate: Locate
  readonly createOnVolume: Volumes['createOn']
  readonly specOf: (project: { projectId: string, owner: string, uid: number }) => Promise<HelperSpec>
  /** After a failed start: what was known of the Engine may not hold any more. */
  readonly forgetEngine: () => void
  readonly signal: AbortSignal
}

/** Starts helper containers, for projects that are there. */
export function createHelperStarter ({ docker, locate, createOnVolume, specOf, forgetEngine, signal }: HelperStarterOptions): (projectId: string) => Promise<AttachedSandbox> {
  async function start (projectId: string, { owner, uid }: Location): Promise<AttachedSandbox> {
    try {
      const { created } = await createOnVolume(projectId, async (isNew) =>
        await startHelperContainer(docker, { spec: await specOf({ projectId, owner, uid }), isNew }, signal))
      return created
    } catch (error) {
      forgetEngine()
      throw error
    }
  }

  return async (projectId) => {
    const found = await locate(projectId)
    if (found === undefined || found.isDeleted) throw new errors.PROJECT_NOT_FOUND()
    const starting = start(projectId, found)
    const sandbox = await starting.catch(() => undefined)
    // Whoever deletes a project says so first, and then removes its volume and what works on it: that may have been before
    // this, which has then made the volume once more.
    if ((await locate(projectId))?.isDeleted === false) return await starting
    await sandbox?.remove()
    await removeIdleWorkspace(docker, projectId)
    throw new errors.PROJECT_NOT_FOUND()
  }
}

const SWEEP_MS = 30_000

/** Removes the helper containers of dead servers, now and then. */
export function createHelperSweep ({ docker, look, instanceId, log }: {
  docker: DockerClient
  look: Liveness['look']
  instanceId: string
  log: { info: (fields: object, message: string) => void, warn: (fields: object, message: string) => void }
}): Loop {
  let suspects: ReadonlySet<string> = new Set()
  return createLoop({
    intervalMs: SWEEP_MS,
    onError: (err) => log.warn({ err }, 'orphaned helper containers could not be listed'),
    async work (signal) {
      const { has } = await look()
      const found = await sweepHelperContainers(docker, { instanceId, isAlive: has, isSuspect: (id) => suspects.has(id), signal })
      suspects = new Set(found.suspects)
      if (found.removed.length > 0) log.info({ removed: found.removed }, 'orphaned helper containers removed')
    }
  })
}
