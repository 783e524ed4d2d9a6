import type { FastifyInstance } from 'fastify'
import type { Config } from '../../config.ts'
import { createLeases } from '../../leases/lease.ts'
import type { ImageSpecs } from '../../sandbox/images/resolve.ts'
import { createHostNetfilter } from '../../sandbox/network/netfilter.ts'
import { createProjectNetwork, type ProjectNetwork } from '../../sandbox/network/project-network.ts'
import type { ProjectRuntimes } from '../core/runtimes.ts'
import { createActivity, type Activity } from './activity.ts'
import { createAdmissionLimits } from './admission-limits.ts'
import { createIdleLoop } from './idle.ts'
import { createQuarantineRepo, type QuarantineRepo } from './quarantine/repo.ts'
import { createReconciler, type Reconciler } from './reconciler.ts'
import { createLifecycleRepo, type LifecycleClaim, type LifecycleProject, type LifecycleRepo } from './repo.ts'
import { createSandboxSpecs, type SandboxSpecs } from './sandbox-spec.ts'
import { createLifecycle, type LifecycleService } from './service.ts'
import type { OnStep } from './steps.ts'
import { createStopping, type Stopping } from './stopping.ts'
import type { Volumes } from './volumes/volumes.ts'

export interface Lifecycle extends LifecycleService {
  readonly activity: Activity
  readonly network: ProjectNetwork
  readonly reconcile: Reconciler['reconcile']
  readonly repo: LifecycleRepo
  readonly quarantine: QuarantineRepo
  readonly specs: SandboxSpecs
  readonly stopping: Stopping
  readonly admissionLimits: ReturnType<typeof createAdmissionLimits>
  readonly begin: () => Promise<void>
  /** Nothing is stopped for being idle any more. */
  readonly stopIdling: () => Promise<void>
  /** Waits for what is under way. Containers run on. */
  readonly close: () => Promise<void>
}

/** Of a lease: with it, a server that dies in the middle of something is noticed after 15 s. */
const TAKE_OVER = 1 / 4
/** How long the volume of a project that the database knows nothing of, not even its end, stays on the Engine. */
export const VOLUME_QUARANTINE_MS = 24 * 3_600_000
const FLUSH_MOST_MS = 3_000
const IDLE_CHECK_MOST_MS = 10_000

/** Projects' containers: started, stopped, deleted, and kept in agreement with the database. */
export function openLifecycle (app: FastifyInstance, { config, runtimes, images, describeBuild, volumes, leaseMs, admit, isBusy, onRunning, onStarted, onStep }: {
  config: Config
  runtimes: ProjectRuntimes
  images: ImageSpecs
  describeBuild: (language: string) => string
  volumes: Volumes
  leaseMs: number
  /** Before a start: throws where the project is too large for one. */
  admit: (projectId: string) => Promise<void>
  /** Whether something is at work in a running project without a word. */
  isBusy: (projectId: string, idleMs: number) => Promise<boolean>
  /** A container runs, whose project is about to be started. */
  onRunning: (containerId: string) => void
  onStarted: (projectId: string) => void
  onStep: OnStep
}): Lifecycle {
  const { db, docker, log, liveness, engineBinding, projectsInstanceId: instanceId } = app
  const { projects: settings, sandbox } = config
  const idleMs = settings.idleTimeoutMs
  const repo = createLifecycleRepo(db, { idleMaxMs: settings.idleTimeoutMaxMs })
  const quarantine = createQuarantineRepo(db)
  const stopping = createStopping()
  const network = createProjectNetwork({ docker, instanceId, mode: sandbox.networkMode, egress: sandbox.egress, netfilters: [createHostNetfilter()], log })
  const specs = createSandboxSpecs({ docker, network, enforcement: app.disk.enforcement, runtimes, images, instanceId, bootId: liveness.serverId, config })
  const activity = createActivity({
    record: repo.recordActivity,
    flushMs: Math.min(FLUSH_MOST_MS, idleMs / 4),
    onError: (err) => log.warn({ err }, 'activity could not be written')
  })
  const admissionLimits = createAdmissionLimits(docker, settings)
  const service = createLifecycle({
    docker,
    repo,
    instanceId,
    leases: createLeases<LifecycleClaim, LifecycleProject>(repo, leaseMs),
    ensureEngine: engineBinding.ensure,
    startContext: { docker, repo, volumes, onStep, onRunning, specOf: specs.specOf, forgetEngine: specs.forgetEngine },
    admit: async (projectId) => {
      await app.disk.check()
      await admit(projectId)
    },
    admissionLimits,
    isBusy,
    activity,
    describeBuild,
    onStarted,
    onStopping: stopping.announce,
    log
  })
  const reconciler = createReconciler({
    docker,
    network,
    repo,
    takeOverMs: leaseMs * TAKE_OVER,
    quarantine,
    quarantineMs: VOLUME_QUARANTINE_MS,
    binding: engineBinding,
    instanceId,
    settle: service.settle,
    onContainerEnd: stopping.ended,
    forgetNetwork: specs.forgetNetwork,
    log
  })
  const idle = createIdleLoop({
    idleMs,
    checkMs: Math.min(IDLE_CHECK_MOST_MS, idleMs / 4),
    flushActivity: activity.flush,
    listIdle: repo.listIdle,
    stopIdle: service.stopIdle,
    log
  })

  return {
    ...service,
    activity,
    network,
    reconcile: reconciler.reconcile,
    repo,
    quarantine,
    specs,
    stopping,
    admissionLimits,
    async begin () {
      const { problem, ...state } = await network.report()
      if (problem !== null) log.warn(state, problem)
      else if (state.egress === 'unfiltered') log.warn(state, 'Projects reach this host and every network that it reaches (SANDBOX_EGRESS=unfiltered)')
      activity.start()
      reconciler.start()
      idle.start()
    },
    stopIdling: idle.stop,
    async close () {
      stopping.close()
      await service.drain()
      await reconciler.stop()
      await reconciler.removeUnusedNetwork().catch((err: unknown) => log.warn({ err }, 'the network of projects is left to the next start'))
      await activity.stop()
    }
  }
}
