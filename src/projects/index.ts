import fp from 'fastify-plugin'
import type { Config } from '../config.ts'
import { errors } from '../errors.ts'
import { isUuid } from '../lib/uuid.ts'
import { listPorts } from '../sandbox/agent-client/ports.ts'
import type { Catalogue } from '../sandbox/images/catalogue.ts'
import { projectImage } from '../sandbox/images/lookup.ts'
import type { ImageSpecs } from '../sandbox/images/resolve.ts'
import { openProjectAgent } from '../sandbox/project-agent.ts'
import { createSharedAgents } from '../sandbox/shared-agents.ts'
import { registerAssignments } from './assignments/index.ts'
import type { ProjectsCore } from './contract.ts'
import { guardProjects } from './core/access.ts'
import { adminRoutes } from './core/admin-routes.ts'
import { createOperatorImages } from './core/operator-images.ts'
import { createProjectRepo } from './core/repo.ts'
import { createRoleWatch } from './core/role-watch.ts'
import { findRole } from './core/roles.ts'
import { projectRoutes } from './core/routes.ts'
import { createInRunning } from './core/running.ts'
import { createProjectRuntimes } from './core/runtimes.ts'
import { createProjectService } from './core/service.ts'
import { loadTemplates } from './core/templates/load.ts'
import { templateRoutes } from './core/templates/routes.ts'
import { registerExec } from './exec/index.ts'
import { registerFiles } from './files/index.ts'
import { registerClones } from './git/clone/index.ts'
import { registerGit } from './git/index.ts'
import { registerLanguageServers } from './language-servers/index.ts'
import { createGuard } from './lifecycle/guard/guard.ts'
import { readWrittenBytes } from './lifecycle/guard/written-bytes.ts'
import { openLifecycle, VOLUME_QUARANTINE_MS, type Lifecycle } from './lifecycle/index.ts'
import { createLogs } from './lifecycle/logs.ts'
import { quarantineRoutes } from './lifecycle/quarantine/routes.ts'
import { createQuarantineService } from './lifecycle/quarantine/service.ts'
import { lifecycleRoutes } from './lifecycle/routes.ts'
import { createListening } from './lifecycle/status/listening.ts'
import { createStatusService } from './lifecycle/status/service.ts'
import { createUsageReader } from './lifecycle/status/usage.ts'
import type { OnStep } from './lifecycle/steps.ts'
import { openVolumes } from './lifecycle/volumes/index.ts'
import { registerMembers } from './members/index.ts'
import { openProjectMetrics } from './metrics.ts'
import { registerOwnership } from './ownership/index.ts'
import { registerPreviews, type PreviewOptions } from './preview/index.ts'
import { registerRun } from './run/index.ts'
import { registerSsh } from './ssh/index.ts'
import { registerTerminals } from './terminals/index.ts'
import { registerTransfer } from './transfer/index.ts'
import { registerProcesses } from './processes/index.ts'
import { openSnapshots } from './transfer/snapshots/index.ts'
import { openVariables } from './variables/index.ts'
import { openWorkspace } from './workspace/index.ts'
import { createFilesSize } from './workspace/size.ts'
import { createViewers } from './workspace/viewers.ts'

export interface ProjectsOptions extends PreviewOptions {
  readonly config: Config
  readonly catalogue: Catalogue
  /** Of secrets: the first seals, all open. */
  readonly secretsKeys: readonly string[]
  readonly images: ImageSpecs
  /** How far the build of an image is, for a sentence. */
  readonly describeBuild: (image: string) => string
  /** For tests: how soon a dead server's work is taken over, and what happens between two steps of an operation. */
  readonly lifecycle?: { readonly leaseMs?: number, readonly onStep?: OnStep }
}

const LEASE_MS = 12_000
// It takes 40 ms to open one again.
const AGENT_IDLE_MS = 30_000
// JSON escapes and base64 make files larger on their way.
const BODY_PER_FILE_BYTE = 2

/** Projects: their rows, their containers, and what is done in them. */
export default fp<ProjectsOptions>(async (app, options) => {
  const { config, catalogue, images, lifecycle: { leaseMs = LEASE_MS, onStep = () => undefined } = {} } = options
  const { db, docker, log, projectsInstanceId: instanceId } = app
  const { projects: settings, sandbox } = config

  const repo = createProjectRepo(db)
  openProjectMetrics(app.metrics, db)
  const { hasTools } = settings
  const operatorImages = createOperatorImages({ docker, references: settings.images, checkDisk: app.disk.check, log })
  const runtimes = createProjectRuntimes({ catalogue, images, hasTools, operatorImages })
  const templates = await loadTemplates(catalogue, settings.templatesDirectory)
  const snapshots = await openSnapshots(app, { config, instanceId })
  const { volumes, whileDirty } = openVolumes(app, { instanceId, leaseMs, restoreNewest: snapshots.restoreNewest, onStep })
  const lifecycle: Lifecycle = openLifecycle(app, {
    config, runtimes, images, describeBuild: (language) => options.describeBuild(projectImage(images, language, hasTools)), volumes, leaseMs, onStep, admit: async (projectId) => await workspace.checkSize(projectId), isBusy: async (projectId, idleMs) => await terminals.isBusy(projectId, idleMs), onRunning: (containerId) => processes.connect(containerId), onStarted (projectId) {
      guard.notice()
      void processes.startServices(projectId)
      void run.startServices(projectId)
    }
  })
  const { activity, network, stopping } = lifecycle
  const workspace = openWorkspace(app, { settings, instanceId, stoppingSignal: stopping.signal, specs: lifecycle.specs, volumes, whileDirty })
  const guard = createGuard({
    limits: { bytes: settings.sizeBytes, entries: settings.entries },
    listRunning: lifecycle.repo.listRunning,
    space: app.disk.space,
    isLow: app.disk.isLow,
    measure: workspace.measure,
    writtenBytes: async (containerId) => await readWrittenBytes(docker, containerId),
    halt: lifecycle.halt,
    log
  })
  const service = createProjectService({
    repo, runtimes, templates, hasNetwork: async () => (await network.report()).egress !== 'none', budgetBytes: async () => (await lifecycle.admissionLimits()).budgetBytes, settings
  })
  const projectOf = guardProjects(app, service.find)
  const roles = createRoleWatch({ db, roleOf: async (userId, projectId) => await findRole(db, userId, projectId), notifications: app.notifications, onError: (err) => log.warn({ err }, 'a role could not be looked up') })
  const agents = createSharedAgents({ idleMs: AGENT_IDLE_MS, open: async (containerId) => await openProjectAgent(docker, containerId) })
  const listening = createListening({ list: async (containerId) => await agents.use(containerId, async (agent) => await listPorts(agent)) })
  const viewers = createViewers()
  const projects = {
    instanceId,
    find: service.find,
    start: lifecycle.start,
    inRunning: createInRunning({ docker, start: lifecycle.start }),
    touch: activity.touch,
    hold: activity.hold,
    stoppingSignal: stopping.signal,
    onStopped: stopping.onStopped,
    describeNetwork: network.report,
    describeSsh: () => ssh.describe(),
    reconcile: lifecycle.reconcile
  }
  app.decorate('projects', projects)
  const variables = await openVariables(app, { projectOf, keys: options.secretsKeys })
  const core: ProjectsCore = { ...projects, config, projectOf, roles, service, variables, workspace, volumes, agents, listening, viewers, leaseMs, onStep }

  const previews = await registerPreviews(app, core, options)
  await registerFiles(app, core)
  const clones = registerClones(app, core)
  const transfer = await registerTransfer(app, core, snapshots)
  const exec = await registerExec(app, core)
  await registerGit(app, core, options.secretsKeys)
  const processes = await registerProcesses(app, core)
  const terminals = await registerTerminals(app, core, processes)
  await registerLanguageServers(app, core, { catalogue, processes: processes.service, exec })
  const run = await registerRun(app, core, { catalogue, processes: processes.service, runtimeOf: repo.runtimeOf, previewUrlOf: previews.urlOf })
  const ssh = await registerSsh(app, core, { secretsKeys: options.secretsKeys, processes: processes.service })
  await registerMembers(app, core)
  await registerOwnership(app, core, {
    async snapshotRoomOf (userId) {
      const { ofOwner, ownersMost } = await snapshots.repo.usageFor(userId)
      return (ownersMost ?? config.snapshots.ownerBytes) - ofOwner
    }
  })
  await registerAssignments(app, core, transfer)

  async function removeMarked (id: string): Promise<void> {
    viewers.dismiss(id, new errors.PROJECT_NOT_FOUND())
    ssh.dismiss(id)
    await lifecycle.remove(id)
    transfer.sweepSoon()
  }
  async function remove (owner: string, id: string): Promise<void> {
    if (!isUuid(id) || !await lifecycle.repo.markDeleted(owner, id)) throw new errors.PROJECT_NOT_FOUND()
    await removeMarked(id)
  }
  app.auth.onAccountEnd(async (owner, { isDeleted }) => {
    for (const id of await repo.idsOf(owner)) {
      if (isDeleted) {
        // One that is on its way out already is waited for: its row leads to its volume.
        await lifecycle.repo.markDeleted(owner, id)
        await removeMarked(id)
      } else {
        await lifecycle.stop(id)
      }
    }
  })
  const statusOf = createStatusService({
    repo,
    activity,
    readUsage: createUsageReader(docker),
    readFilesSize: createFilesSize({ quota: workspace.quota, agents, onError: (err) => log.info({ err }, 'the size of a project could not be measured') }),
    listening,
    readSnapshots: snapshots.repo.stateOf,
    describeNetwork: network.report,
    previewUrlOf: previews.urlOf,
    previewPort: sandbox.previewPort,
    previewPortOf: run.previewPortOf,
    isBusy: terminals.isBusy,
    idleMs: settings.idleTimeoutMs,
    idleMaxMs: settings.idleTimeoutMaxMs
  })
  await app.register(templateRoutes, { templates })
  await app.register(async (scope) => {
    scope.addHook('onRequest', scope.authenticate)
    await scope.register(projectRoutes, { projects: service, projectOf, remove, audienceChanged: previews.audienceChanged, clone: clones.begin, bodyLimit: BODY_PER_FILE_BYTE * settings.filesBytes })
    await scope.register(adminRoutes, { projects: service, ownerOf: service.ownerOf, stop: async (id) => { await lifecycle.stop(id) }, remove })
    await scope.register(quarantineRoutes, {
      quarantine: createQuarantineService({ docker, instanceId, repo: lifecycle.quarantine, runtimes, projects: service, specOf: lifecycle.specs.helperSpecOf }),
      quarantineMs: VOLUME_QUARANTINE_MS,
      show: async (userId, id) => await service.show(await service.find(userId, id, 'view'))
    })
    await scope.register(lifecycleRoutes, { projectOf, roles, lifecycle, statusOf, logs: createLogs(docker), touch: activity.touch })
  })

  app.addHook('onListen', async () => {
    await lifecycle.begin()
    operatorImages.start()
    guard.start()
  })
  // preClose, not onClose: requests under way wait for commands that only this ends. Containers run on.
  app.addHook('preClose', async () => {
    await operatorImages.stop()
    await lifecycle.stopIdling()
    await guard.stop()
    await clones.close()
    await transfer.close()
    await ssh.close()
    await processes.close()
    await workspace.close()
    previews.close()
    agents.close()
    await lifecycle.close()
  })
}, { name: 'projects', dependencies: ['db', 'docker', 'engine-binding', 'disk', 'auth', 'websocket'] })
