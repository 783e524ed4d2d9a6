import type { DockerClient, EngineEvent } from '../../docker/index.ts'
import { coalesce } from '../../lib/coalesce.ts'
import { createLoop } from '../../lib/loop.ts'
import { isUuid } from '../../lib/uuid.ts'
import { labels } from '../../sandbox/labels.ts'
import type { ProjectNetwork } from '../../sandbox/network/project-network.ts'
import type { EngineBinding } from './binding/binding.ts'
import { removeProjectContainer } from '../../sandbox/project-sandbox.ts'
import { projectLabelFilter, viewEngine } from './engine-view.ts'
import { planReconcile, type ReconcilePlan } from './reconcile-plan.ts'
import type { QuarantineRepo } from './quarantine/repo.ts'
import type { LifecycleRepo } from './repo.ts'

const ROUND_MS = 60_000
const nothingKnown = { deleted: new Set<string>(), quarantined: new Map<string, number>(), quarantineMs: Infinity }

export interface Reconciler {
  /** One round that begins now or when the one under way has ended. Rejects if the Engine or the database cannot be asked. */
  readonly reconcile: () => Promise<void>
  readonly removeUnusedNetwork: () => Promise<void>
  readonly start: () => void
  readonly stop: () => Promise<void>
}

/** Keeps the Engine and the database in agreement: now and then, and whenever the Engine says that a project's container has ended. */
export function createReconciler ({ docker, network, repo, takeOverMs, quarantine, quarantineMs, binding, instanceId, settle, onContainerEnd, forgetNetwork, log }: {
  docker: DockerClient
  network: Pick<ProjectNetwork, 'reassert' | 'remove'>
  repo: Pick<LifecycleRepo, 'listForReconcile' | 'listExpired'>
  /** How soon it is noticed that a lease has run out. */
  takeOverMs: number
  quarantine: Pick<QuarantineRepo, 'view' | 'update'>
  quarantineMs: number
  /** Whether the database says anything about this Engine at all. */
  binding: Pick<EngineBinding, 'check' | 'doubt' | 'problem'>
  instanceId: string
  settle: (projectId: string) => Promise<void>
  /** Whoever ended it, also another server. */
  onContainerEnd: (projectId: string, containerId: string) => void
  forgetNetwork: () => void
  log: { info: (fields: object, message: string) => void, warn: (fields: object, message: string) => void }
}): Reconciler {
  const stopping = new AbortController()
  const reconcile = coalesce(async () => {
    // Before anything else: containers may run from before this server, or the host's rules have been flushed.
    if (!await network.reassert({ signal: stopping.signal })) forgetNetwork()
    await binding.check()
    await apply(await plan())
  })
  let watching: Promise<void> | undefined

  async function plan (): Promise<ReconcilePlan> {
    // In this order: see planReconcile.
    const engine = await viewEngine(docker, instanceId, stopping.signal)
    const ids = [...engine.containers, ...engine.volumes].map(({ projectId }) => projectId).filter(isUuid)
    const projects = await repo.listForReconcile([...new Set(ids)])
    const known = await quarantine.view(engine.volumes.map(({ projectId }) => projectId).filter(isUuid))
    return planReconcile({ ...engine, ...known, quarantineMs, projects: new Map(projects.map((project) => [project.id, project])) })
  }

  async function apply (plan: ReconcilePlan): Promise<void> {
    await each(plan.settle, 'project', settle)
    await each(plan.removeContainers, 'orphaned container', async (id) => await removeProjectContainer(docker, id))
    await quarantine.update(plan)
    for (const volume of plan.quarantineVolumes) log.warn({ ...volume, quarantineMs }, 'a volume on the Engine is of no project that the database knows; it is removed when that is still so after `quarantineMs`')
    await each(plan.removeVolumes, 'orphaned volume', async (name) => { await docker.volumes.remove(name) })
    await removeNetworks(plan)
  }

  /** What cannot be mended is reported, and mended in a later round. */
  async function each (items: readonly string[], what: string, mend: (item: string) => Promise<void>): Promise<void> {
    for (const item of items) {
      if (stopping.signal.aborted) return
      try {
        await mend(item)
        log.info({ item }, `${what} reconciled`)
      } catch (err) {
        log.warn({ err, item }, `${what} could not be reconciled`)
      }
    }
  }

  async function removeNetworks ({ removeNetworks }: ReconcilePlan): Promise<void> {
    for (const id of removeNetworks) {
      forgetNetwork()
      await network.remove(id)
    }
  }

  async function watch (): Promise<void> {
    const filters = { type: ['container'], event: ['die', 'destroy'], label: projectLabelFilter(instanceId) }
    for await (const item of docker.events({ filters }, { signal: stopping.signal })) {
      if (item.kind === 'disconnected') {
        binding.doubt()
        log.warn({ err: item.error }, 'the Engine\'s events are interrupted')
        continue
      }
      // What happened between two connections is in no event.
      if (item.kind === 'connected') reconcile().catch(report)
      else follow(item.event)
    }
  }

  function follow ({ Action, Actor: { ID, Attributes } }: EngineEvent): void {
    const projectId = Attributes[labels.project]
    if (projectId === undefined || !isUuid(projectId)) return
    if (Action === 'die') onContainerEnd(projectId, ID)
    // Not a round: when it says "die", the Engine still lists the container as running. Inspecting it waits until it is not.
    settle(projectId).catch(report)
  }

  function report (err: unknown): void {
    if (!stopping.signal.aborted) log.warn({ err }, 'projects could not be reconciled')
  }

  const loop = createLoop({ intervalMs: ROUND_MS, work: reconcile, onError: report })
  const takeOver = createLoop({
    intervalMs: takeOverMs,
    onError: report,
    work: async () => {
      if (binding.problem() === undefined) await each(await repo.listExpired(), 'interrupted operation', settle)
    }
  })

  return {
    reconcile,
    async removeUnusedNetwork () {
      const engine = await viewEngine(docker, instanceId)
      const projects = await repo.listForReconcile([])
      await removeNetworks(planReconcile({ ...engine, ...nothingKnown, volumes: [], projects: new Map(projects.map((project) => [project.id, project])) }))
    },
    start () {
      loop.start()
      takeOver.start()
      watching ??= watch().catch(report)
    },
    async stop () {
      stopping.abort()
      await Promise.all([loop.stop(), takeOver.stop()])
      await watching
      // Aborted: this only waits for a round under way, whose failure has been reported.
      await reconcile().catch(() => undefined)
    }
  }
}
