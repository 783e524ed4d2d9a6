import type { Liveness } from '../../db/liveness.ts'
import { isDockerError, type DockerClient } from '../../docker/index.ts'
import { errors } from '../../errors.ts'
import { createLoop, type Loop } from '../../lib/loop.ts'
import type { AttachedSandbox } from '../../sandbox/attached-sandbox.ts'
import type { FilesSandboxSpec } from '../../sandbox/container-spec.ts'
import { startFilesSandbox, sweepFilesSandboxes } from '../../sandbox/files-sandbox.ts'
import { removeProjectVolume } from '../../sandbox/project-sandbox.ts'
import type { Whereabouts } from './repo.ts'

export interface SandboxStarterOptions {
  readonly docker: DockerClient
  readonly whereabouts: (projectId: string) => Promise<Whereabouts | undefined>
  /** What it is to be, and whether its volume is about to be made. */
  readonly specOf: (project: { projectId: string, owner: string, uid: number }) => Promise<{ spec: FilesSandboxSpec, isNew: boolean }>
  /** After a failed start: what was known of the Engine may not hold any more. */
  readonly forgetEngine: () => void
  readonly signal: AbortSignal
}

/** Starts files sandboxes, for projects that are there. */
export function createSandboxStarter ({ docker, whereabouts, specOf, forgetEngine, signal }: SandboxStarterOptions): (projectId: string) => Promise<AttachedSandbox> {
  async function start (projectId: string, { owner, uid }: Whereabouts): Promise<AttachedSandbox> {
    try {
      return await startFilesSandbox(docker, await specOf({ projectId, owner, uid }), signal)
    } catch (error) {
      forgetEngine()
      throw error
    }
  }

  return async (projectId) => {
    const found = await whereabouts(projectId)
    if (found === undefined || found.isDeleted) throw new errors.PROJECT_NOT_FOUND()
    const starting = start(projectId, found)
    const sandbox = await starting.catch(() => undefined)
    // Whoever deletes a project says so first, and then removes its volume and what works on it: that may have been before
    // this, which has then made the volume once more.
    if ((await whereabouts(projectId))?.isDeleted === false) return await starting
    await sandbox?.remove()
    await removeProjectVolume(docker, projectId).catch((error: unknown) => {
      if (!isDockerError(error, 'conflict')) throw error
    })
    throw new errors.PROJECT_NOT_FOUND()
  }
}

const SWEEP_MS = 30_000

/** Removes the sandboxes of dead servers, now and then. */
export function createSandboxSweep ({ docker, look, instanceId, log }: {
  docker: DockerClient
  look: Liveness['look']
  instanceId: string
  log: { info: (fields: object, message: string) => void, warn: (fields: object, message: string) => void }
}): Loop {
  let suspects: ReadonlySet<string> = new Set()
  return createLoop({
    intervalMs: SWEEP_MS,
    onError: (err) => log.warn({ err }, 'orphaned files sandboxes could not be looked for'),
    async work (signal) {
      const { has } = await look()
      const found = await sweepFilesSandboxes(docker, { instanceId, isAlive: has, isSuspect: (id) => suspects.has(id), signal })
      suspects = new Set(found.suspects)
      if (found.removed.length > 0) log.info({ removed: found.removed }, 'orphaned files sandboxes removed')
    }
  })
}
