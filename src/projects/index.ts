import fp from 'fastify-plugin'
import type { Config } from '../config.ts'
import type { ContainerInspect } from '../docker/index.ts'
import { errors } from '../errors.ts'
import { isUuid } from '../lib/uuid.ts'
import { listPorts } from '../sandbox/agent-client/ports.ts'
import type { Catalogue } from '../sandbox/images/catalogue.ts'
import type { ImageSpecs } from '../sandbox/images/resolve.ts'
import { createHostNetfilter } from '../sandbox/network/netfilter.ts'
import { createProjectNetwork, type NetworkReport } from '../sandbox/network/project-network.ts'
import { openProjectAgent } from '../sandbox/project-agent.ts'
import { createSharedAgents } from '../sandbox/shared-agents.ts'
import { createActivity } from './lifecycle/activity.ts'
import { execRoutes } from './exec/routes.ts'
import { createExecService } from './exec/service.ts'
import { registerFiles, type FilesOptions } from './files/index.ts'
import { createFilesSize } from './workspace/size.ts'
import { createGuard } from './lifecycle/guard/guard.ts'
import { createSizeCheck } from './lifecycle/guard/size-check.ts'
import { readWrittenBytes } from './lifecycle/guard/written-bytes.ts'
import { registerClones } from './git/index.ts'
import { createCloneRepo } from './git/repo.ts'
import { createIdleLoop } from './lifecycle/idle.ts'
import { createAdmissionLimits } from './lifecycle/admission-limits.ts'
import { createLeases } from '../leases/lease.ts'
import { createQuarantineRepo } from './lifecycle/quarantine-repo.ts'
import { createReconciler } from './lifecycle/reconciler.ts'
import { createLifecycleRepo } from './lifecycle/repo.ts'
import { lifecycleRoutes } from './lifecycle/routes.ts'
import { createSandboxSpecs } from './lifecycle/sandbox-spec.ts'
import { createLifecycle } from './lifecycle/service.ts'
import type { OnStep } from './lifecycle/steps.ts'
import { createLogs } from './lifecycle/logs.ts'
import type { FrontDoor } from '../http/front-door.ts'
import { registerPreviews } from './preview/index.ts'
import { createListening } from './lifecycle/status/listening.ts'
import { createProjectRepo, type ProjectRow } from './core/repo.ts'
import { projectRoutes } from './core/routes.ts'
import { createProjectService } from './core/service.ts'
import { createStatusService } from './lifecycle/status/service.ts'
import { createUsageReader } from './lifecycle/status/usage.ts'
import { registerSnapshots } from './transfer/snapshots/index.ts'
import { createStopping } from './lifecycle/stopping.ts'
import { registerTerminals } from './terminals/index.ts'
import { openVolumes } from './lifecycle/volumes/index.ts'

declare module 'fastify' {
  interface FastifyInstance {
    projects: Projects
  }
}

/** What other features may do with projects. */
export interface Projects {
  /** Whose containers, volumes and networks on the Engine are ours. */
  readonly instanceId: string
  /** Throws PROJECT_NOT_FOUND also for another user's. */
  readonly find: (owner: string, id: string) => Promise<ProjectRow>
  /** Resolves with a container that runs, started if need be. */
  readonly start: (projectId: string) => Promise<ContainerInspect>
  /** Something was done in the project just now; cheap enough for every byte. */
  readonly touch: (projectId: string) => void
  /** The project counts as active until the returned function is called. */
  readonly hold: (projectId: string) => () => void
  /** Aborted when the container is about to end, or has ended. */
  readonly stoppingSignal: (containerId: string) => AbortSignal
  /** Called with a project whose container has ended, whoever ended it. Returns how to stop listening. */
  readonly onStopped: (listener: (projectId: string) => void) => () => void
  /** What projects may reach, and how that is kept. */
  readonly describeNetwork: () => Promise<NetworkReport>
  /** Makes database and Engine agree, now. */
  readonly reconcile: () => Promise<void>
}

export interface ProjectsOptions {
  readonly config: Config
  readonly catalogue: Catalogue
  readonly images: ImageSpecs
  readonly jwtSecret: string
  /** Where requests for previews leave those for the API. */
  readonly frontDoor: FrontDoor
  /** For tests: how soon a dead server's work is taken over, and what happens between two steps of an operation. */
  readonly lifecycle?: { readonly leaseMs?: number, readonly onStep?: OnStep }
}

const LEASE_MS = 12_000
/** Of a lease: with it, whoever dies in the middle of something is noticed after 15 s. */
const TAKE_OVER = 1 / 4
/** How long the volume of a project that the database knows nothing of, not even its end, stays on the Engine. */
const VOLUME_QUARANTINE_MS = 24 * 3_600_000
// It takes 40 ms to open one again.
const AGENT_IDLE_MS = 30_000
const FLUSH_MOST_MS = 3_000
const IDLE_CHECK_MOST_MS = 10_000
// JSON escapes and base64 make files larger on their way.
const BODY_PER_FILE_BYTE = 2

/** Projects: their rows, their containers, and what is done in them. */
export default fp<ProjectsOptions>(async (app, { config, catalogue, images, jwtSecret, frontDoor, lifecycle: { leaseMs = LEASE_MS, onStep = () => undefined } = {} }) => {
  const { db, docker, log, liveness, engineBinding, projectsInstanceId: instanceId } = app
  const { projects: settings, sandbox, execution } = config
  const idleMs = settings.idleTimeoutMs
  const repo = createProjectRepo(db)
  const cloneRepo = createCloneRepo(db)
  const lifecycleRepo = createLifecycleRepo(db)
  const { volumes, changing, ...kept } = await openVolumes(app, { config, instanceId, leaseMs, onStep })
  const stopping = createStopping()
  const network = createProjectNetwork({ docker, instanceId, mode: sandbox.networkMode, egress: sandbox.egress, netfilters: [createHostNetfilter()], log })
  const specs = createSandboxSpecs({ docker, network, enforcement: app.disk.enforcement, catalogue, images, instanceId, bootId: liveness.serverId, config })
  const activity = createActivity({
    record: lifecycleRepo.recordActivity,
    flushMs: Math.min(FLUSH_MOST_MS, idleMs / 4),
    onError: (err) => log.warn({ err }, 'activity could not be written')
  })
  const lifecycle = createLifecycle({
    docker,
    repo: lifecycleRepo,
    instanceId,
    leases: createLeases(lifecycleRepo, leaseMs),
    ensureEngine: engineBinding.ensure,
    startContext: { docker, repo: lifecycleRepo, volumes, onStep, specOf: specs.specOf, forgetEngine: specs.forgetEngine },
    admit: async (projectId) => {
      await app.disk.check()
      await checkSize(projectId)
    },
    admissionLimits: createAdmissionLimits(docker, settings),
    flushActivity: activity.flush,
    onStarted: () => guard.notice(),
    onStopping: stopping.announce,
    log
  })
  const reconciler = createReconciler({
    docker,
    network,
    repo: lifecycleRepo,
    takeOverMs: leaseMs * TAKE_OVER,
    quarantine: createQuarantineRepo(db),
    quarantineMs: VOLUME_QUARANTINE_MS,
    binding: engineBinding,
    instanceId,
    settle: lifecycle.settle,
    onContainerEnd: stopping.ended,
    forgetNetwork: specs.forgetNetwork,
    log
  })
  const idle = createIdleLoop({
    idleMs,
    checkMs: Math.min(IDLE_CHECK_MOST_MS, idleMs / 4),
    flushActivity: activity.flush,
    listIdle: lifecycleRepo.listIdle,
    stopIdle: lifecycle.stopIdle,
    log
  })
  const projects = createProjectService({ repo, clones: cloneRepo, catalogue, hasNetwork: async () => (await network.report()).egress !== 'none', quota: settings.quota, filesBytesMax: settings.filesBytes })
  const agents = createSharedAgents({ idleMs: AGENT_IDLE_MS, open: async (containerId) => await openProjectAgent(docker, containerId) })
  const listening = createListening({ list: async (containerId) => await agents.use(containerId, listPorts) })
  const exec = createExecService({
    docker,
    limits: { timeoutMaxMs: settings.execTimeoutMaxMs, outputBytes: execution.outputBytes },
    start: lifecycle.start,
    hold: activity.hold,
    stoppingSignal: stopping.signal
  })
  app.decorate('projects', {
    instanceId,
    find: projects.find,
    start: lifecycle.start,
    touch: activity.touch,
    hold: activity.hold,
    stoppingSignal: stopping.signal,
    onStopped: stopping.onStopped,
    describeNetwork: network.report,
    reconcile: reconciler.reconcile
  })

  const previews = await registerPreviews(app, { config, jwtSecret, frontDoor, projects: app.projects, agents, listening })
  const filesSpecOf: FilesOptions['specOf'] = async (project) => {
    const { isNew } = await volumes.prepare(project.projectId)
    return { spec: await specs.filesSpecOf(project), isNew }
  }
  const files = await registerFiles(app, { projects: app.projects, settings, specOf: filesSpecOf, forgetEngine: specs.forgetEngine, fill: volumes.fill, changing })
  const limits = { bytes: settings.sizeBytes, entries: settings.entries }
  const checkSize = createSizeCheck({ quota: files.quota, limits, useFiles: files.place.use })
  const guard = createGuard({
    limits,
    listRunning: lifecycleRepo.listRunning,
    space: app.disk.space,
    isLow: app.disk.isLow,
    measure: files.measure,
    writtenBytes: async (containerId) => await readWrittenBytes(docker, containerId),
    halt: lifecycle.halt,
    log
  })
  const readFilesSize = createFilesSize({ quota: files.quota, agents, onError: (err) => log.info({ err }, 'the size of a project could not be measured') })
  const statusOf = createStatusService({
    repo, activity, readUsage: createUsageReader(docker), readFilesSize, listening, readSnapshots: kept.snapshots.stateOf, describeNetwork: network.report, previewUrlOf: previews.urlOf, previewPort: sandbox.previewPort, idleMs
  })

  const clones = registerClones(app, { projects: app.projects, repo: cloneRepo, leaseMs, settings, useFiles: files.place.use, announce: files.announce })

  const snapshots = await registerSnapshots(app, { ...kept, volumes, projects: app.projects, service: projects, files, config, onStep })
  const terminals = await registerTerminals(app, { projects: app.projects, settings: config.terminals, idleMs })

  async function remove (owner: string, id: string): Promise<void> {
    if (!isUuid(id) || !await lifecycleRepo.markDeleted(owner, id)) throw new errors.PROJECT_NOT_FOUND()
    files.dismiss(id, new errors.PROJECT_NOT_FOUND())
    await lifecycle.remove(id)
    snapshots.sweepSoon()
  }

  await app.register(async (scope) => {
    scope.addHook('onRequest', scope.authenticate)
    await scope.register(projectRoutes, { projects, remove, audienceChanged: previews.audienceChanged, clone: clones.begin, bodyLimit: BODY_PER_FILE_BYTE * settings.filesBytes })
    await scope.register(lifecycleRoutes, { find: projects.find, lifecycle, statusOf, logs: createLogs(docker), touch: activity.touch })
    await scope.register(execRoutes, { find: projects.find, exec })
  })

  app.addHook('onListen', async () => {
    const { problem, ...state } = await network.report()
    if (problem !== null) log.warn(state, problem)
    else if (state.egress === 'unfiltered') log.warn(state, 'Projects reach this host and every network that it reaches (SANDBOX_EGRESS=unfiltered)')
    activity.start()
    reconciler.start()
    idle.start()
    guard.start()
  })
  // preClose, not onClose: requests under way wait for commands that only this ends. Containers run on.
  app.addHook('preClose', async () => {
    await idle.stop()
    await guard.stop()
    await clones.close()
    await snapshots.close()
    await terminals.close()
    await files.close()
    previews.close()
    agents.close()
    stopping.close()
    await lifecycle.drain()
    await reconciler.stop()
    await reconciler.removeUnusedNetwork().catch((err: unknown) => log.warn({ err }, 'the network of projects is left to the next start'))
    await activity.stop()
  })
}, { name: 'projects', dependencies: ['db', 'docker', 'engine-binding', 'disk', 'auth', 'websocket'] })
